/** One page to be asked for: which it is, and what its asking carries from layer to layer. */

import type { CompanyCredentials } from '../companies/company.ts';
import type { StopSignal } from '../stop-signal.ts';
import type { Tenant } from './limiter.ts';
import type { OmieCall, OmieParams } from './omie-client.ts';
import { pageParams } from './page.ts';
import { canonicalJson, requestKey } from './request-key.ts';
import type { Lease } from './shared-replies.ts';

/** Which page of which list. */
export interface PageQuestion {
  readonly params: OmieParams;
  readonly page: { readonly number: number; readonly size: number };
}

export interface PageRequest extends PageQuestion {
  readonly signal?: StopSignal | undefined;
  /** Queue, attempts and waits all end before this time, in milliseconds since 1970. */
  readonly deadlineAt: number;
  /** The caller answers a too heavy page with a smaller one, so the same size is not tried again. */
  readonly canShrink?: boolean;
}

export interface PageJob<Row> {
  readonly credentials: CompanyCredentials;
  readonly call: OmieCall<Row>;
  /** What the answer is remembered under. */
  readonly key: string;
  readonly tenant: Tenant;
  /** Canonical text of the parameter object. */
  readonly params: string;
  readonly request: PageRequest;
  /** Counts the requests sent for this page. */
  readonly tally: { attempts: number };
  readonly signal: StopSignal;
  /** Ours while the other replicas wait for this answer. */
  readonly lease?: Lease;
}

/** The canonical text of a question's parameters, and what its answer is remembered under. */
export function keyOf(
  appKey: string,
  call: Pick<OmieCall, 'name' | 'dialect'>,
  { params, page }: PageQuestion,
): { key: string; params: string } {
  const text = canonicalJson(pageParams(call, params, page));
  return { key: requestKey(appKey, call.name, text), params: text };
}
