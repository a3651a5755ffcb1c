import type { ServerContext } from '@modelcontextprotocol/server';
import type { Caller, Door } from '../tools/tool-source.ts';
import type { Catalog } from './catalog.ts';
import type { ClientFeatures } from './client-features.ts';
import type { InteractiveTools } from './interactive-tools.ts';
import type { Subscriptions } from './subscriptions.ts';

/** What a server offers, whichever connection it serves. */
export interface ServerParts {
  readonly catalog: Catalog;
  readonly interactive?: InteractiveTools | undefined;
  /** Takes every secret out of a text, and returns the same text when it holds none. */
  readonly scrub?: Scrub | undefined;
  /** Whether the bytes of a text hold what `scrub` would take out; without it they are made a text and given to that. */
  readonly holdsSecret?: ((bytes: Buffer) => boolean) | undefined;
  /** A defect of ours, of which the client was told the request id alone. */
  readonly onInternalError?: ((error: unknown, requestId: string) => void) | undefined;
}

export type Scrub = (text: string) => string;

/** What the handlers of a server ask about the request at hand. */
export interface RequestOwner {
  callerOf(context: ServerContext): Caller;
  /** Which way it came in. */
  doorOf(context: ServerContext): Door;
  featuresOf(context: ServerContext): ClientFeatures;
  /** Resource URIs the connection watches; connections of 2026-07-28 have none, they listen instead. */
  readonly subscriptions?: Subscriptions | undefined;
}
