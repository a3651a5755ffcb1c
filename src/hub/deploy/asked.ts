/** What was asked for, told from what it only looks like. Grammars are strict: what they let through goes into argument lists. */
import type { Method } from '../servers/server-record.ts';
import type { Source, WantedVariable } from './source.ts';

export type Asked =
  | { readonly kind: 'npm'; readonly name: string; readonly version: string }
  | { readonly kind: 'image'; readonly image: string }
  | {
      readonly kind: 'repository';
      readonly owner: string;
      readonly repository: string;
      /** Branch, tag or commit; undefined: the default branch. */
      readonly ref?: string;
      /** Inside it; empty for the root. */
      readonly folder: string;
    }
  | {
      readonly kind: 'registry';
      readonly name: string;
      /** Undefined: the latest one. */
      readonly version?: string;
    }
  | { readonly kind: 'folder'; readonly folder: string };

export interface Resolved {
  readonly source: Source;
  /** What was found and what follows from it, Portuguese, one sentence each. */
  readonly why: readonly string[];
  readonly wanted: readonly WantedVariable[];
  /** Arguments that belong to the source; those of a request stand in their place. */
  readonly args?: readonly string[];
  /** Where it listens in a container, as far as the source says; that of a request stands in its place. */
  readonly port?: number;
  /** When it was published, as far as the place says that names it. */
  readonly publishedAt?: string;
  /** What an operator should think about, Portuguese. */
  readonly warnings?: readonly string[];
  /** Why `auto` passes over it, Portuguese: only a request that names the method gets it. */
  readonly onlyAsked?: string;
  /** The same server in other forms, for runners that cannot run this one. */
  readonly others?: readonly Resolved[];
  /** By method, why a way that the source may seem to have is none: what its runner cannot tell. Portuguese. */
  readonly against?: Readonly<Partial<Record<Method, string>>>;
}

/** Turns what was asked for into one pinned source; one file each, for each kind one. */
export interface SourceResolver {
  readonly kind: Asked['kind'];
  /** @throws HubError: `fonte_desconhecida`, `fonte_indisponivel`, `nao_configurado` */
  resolve(asked: Asked, signal: AbortSignal): Promise<Resolved>;
}
