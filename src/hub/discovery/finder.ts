/** One place to find servers in. One file each; results are merged and ranked elsewhere. */
import type { WantedVariable } from '../deploy/source.ts';
import type { Method } from '../servers/server-record.ts';

/** A body for `POST /api/deploy` that would run the candidate, and why that way. */
export interface WayToRun {
  readonly method: Method;
  readonly request: Readonly<
    Partial<Record<'github_url' | 'package' | 'image' | 'registry_name' | 'folder', string>>
  > & { readonly method: Method };
  /** Portuguese. */
  readonly why: string;
}

export interface Candidate {
  readonly name: string;
  readonly description: string;
  /** `github` or `registry`. */
  readonly origin: string;
  /** Where people read about it; http or https. */
  readonly page?: string | undefined;
  readonly updatedAt?: string | undefined;
  readonly stars?: number | undefined;
  readonly wanted: readonly WantedVariable[];
  /** Best first; empty when nothing here can run it. */
  readonly waysToRun: readonly WayToRun[];
}

export interface Found {
  readonly candidates: readonly Candidate[];
  /** How old the answer is, in milliseconds; 0 when it was fetched now. */
  readonly ageMs: number;
}

export interface Finder {
  readonly origin: string;
  /** @param limit 1–100. @throws HubError (`fonte_indisponivel` with `retryAfterMs` for a rate limit) */
  find(query: string, limit: number, signal: AbortSignal): Promise<Found>;
}
