import { isFields } from '../protocol/json-rpc.ts';
import { isLogLevel } from '../protocol/log-levels.ts';
import { CLIENT_CAPABILITIES_META_KEY, LOG_LEVEL_META_KEY } from '../protocol/meta-keys.ts';
import type { CallContext, ClientRounds } from '../tools/tool-source.ts';

/** What the one behind a request can do besides wait for its answer. */
export type ClientFeatures = Pick<CallContext, 'ask' | 'rounds' | 'capabilities' | 'logLevel'>;

/** As a request of 2026-07-28 says it, in its envelope and, when it is not the first of a call, in its parameters. */
export function modernFeatures(envelope: Readonly<Record<string, unknown>>, rounds: ClientRounds): ClientFeatures {
  const capabilities = envelope[CLIENT_CAPABILITIES_META_KEY];
  const logLevel = envelope[LOG_LEVEL_META_KEY];
  return {
    rounds,
    ...(isFields(capabilities) ? { capabilities } : {}),
    ...(isLogLevel(logLevel) ? { logLevel } : {}),
  };
}
