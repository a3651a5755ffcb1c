/** Which plan somebody was shown: one text for what was asked for, and what would be done for it. */
import { createHmac, randomBytes } from 'node:crypto';
import { canonicalJson } from '../../gateway/trust/canonical-json.ts';
import { HubError } from '../problem.ts';
import type { DeployRequest } from './deploy-request.ts';
import { type Planned, planView } from './plan.ts';

export class PlanDigests {
  /** Values of variables are in it: without this key nobody can try out which ones they were. */
  readonly #key = randomBytes(32);

  /** Another caller, value, version, command or domain makes another digest; good in this process alone. */
  of(request: DeployRequest, planned: Planned, caller: string): string {
    const { age_days: _grows, ...plan } = planView(planned, new Date());
    const text = canonicalJson({ caller, request, plan });
    if (text === undefined) throw new HubError('pedido_recusado', 'O pedido é profundo demais.');
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }
}
