/** Which plan somebody was shown: one text for what was asked for, and what would be done for it. */
import { createHmac, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from '../../gateway/trust/canonical-json.ts';
import { HubError } from '../problem.ts';
import type { DeployRequest } from './deploy-request.ts';
import { type Planned, planFacts } from './plan.ts';

/** As {@link PlanDigests} writes one. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/, 'deve ser o digest de um plano');

/**
 * One is good as often as its plan is the same: it stands for what was shown to this caller, and counts nothing. While its
 * server is there the domain is taken, and so the plan another one; after a DELETE it starts the same plan again. That gives
 * nobody anything: the same caller may ask for the same plan and its digest anew, and a person who can be asked is asked
 * before each start.
 */
export class PlanDigests {
  /** Values of variables are in it: without this key nobody can try out which ones they were. */
  readonly #key = randomBytes(32);

  /** Another caller, value, version, command or domain makes another digest; good in this process alone. */
  of(request: DeployRequest, planned: Planned, caller: string): string {
    const { age_days: _grows, ...plan } = planFacts(planned, new Date());
    const { source, args } = planned;
    const text = canonicalJson({ caller, request, plan, source, args });
    if (text === undefined) throw new HubError('pedido_recusado', 'O pedido é profundo demais.');
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }

  /** What a deployment asks before it begins: throws when its plan is not the one of this digest. `hint`: how to see the new one. */
  agreement(
    request: DeployRequest,
    shown: { digest: string; caller: string; hint: string },
  ): (planned: Planned) => void {
    const { digest, caller, hint } = shown;
    return (planned) => {
      if (this.of(request, planned, caller) === digest) return;
      throw new HubError('conflito_de_estado', 'O plano já não é o deste digest; nada foi iniciado.', { hint });
    };
  }
}
