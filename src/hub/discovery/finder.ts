/** One place to find servers in. One file each; results are merged and ranked elsewhere. */
import type { WantedVariable } from '../deploy/source.ts';
import type { Method } from '../servers/server-record.ts';

/** A body for `POST /api/deploy` that would run the candidate, and why that way; or where it runs already. */
export type WayToRun =
  | {
      readonly method: Method;
      readonly request: Readonly<
        Partial<Record<'github_url' | 'package' | 'image' | 'registry_name' | 'folder', string>>
      > & { readonly method: Method };
      /** Portuguese. */
      readonly why: string;
    }
  | { readonly method: 'remote'; readonly url: string; readonly transport: 'http' | 'sse'; readonly why: string };

export interface Candidate {
  readonly name: string;
  readonly description: string;
  /** `github` or `registry`; both, joined with `+`, once it was found in both. */
  readonly origin: string;
  /** Where people read about it; http or https. */
  readonly page?: string | undefined;
  /** `owner/name` on GitHub, lower case: the same repository is the same candidate. */
  readonly repository?: string | undefined;
  /** Why its name is proven to be its maker's, Portuguese; undefined when nobody proved it. */
  readonly verified?: string | undefined;
  readonly version?: string | undefined;
  readonly updatedAt?: string | undefined;
  readonly stars?: number | undefined;
  /** Its makers do no more work on it. */
  readonly archived?: boolean | undefined;
  readonly wanted: readonly WantedVariable[];
  /** Best first; empty when nothing says how. */
  readonly waysToRun: readonly WayToRun[];
}

export interface Found {
  readonly candidates: readonly Candidate[];
  /** How old the answer is, in milliseconds; 0 when it was fetched now. */
  readonly ageMs: number;
  /** What is missing from it and why, Portuguese. */
  readonly notes: readonly string[];
  /** Its source was cut short by a limit or its time: asked again soon, it may say more. */
  readonly isPartial?: true;
}

export interface Finder {
  readonly origin: 'github' | 'registry';
  /** @param limit 1–100. @throws HubError (`fonte_indisponivel` with `retryAfterMs` for a rate limit) */
  find(query: string, limit: number, signal: AbortSignal): Promise<Found>;
}
