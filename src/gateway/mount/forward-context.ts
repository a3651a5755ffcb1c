import { AskRefusedError } from '../../tools/ask-refused-error.ts';
import type { CallContext, LogLevel } from '../../tools/tool-source.ts';
import type { JsonObject } from '../links/link.ts';
import { UpstreamAnswerError } from '../links/link-errors.ts';
import { cleanText } from '../trust/clean-text.ts';
import type { ForwardContext } from '../upstreams/upstream-registry.ts';
import type { PrincipalKeys } from './principal-keys.ts';

/** Belong to one hop of the way: the next one has its own. */
const OWN_PREFIXES = ['io.modelcontextprotocol/', 'omie-mcp-hub/'];

const LEVELS: ReadonlySet<string> = new Set<LogLevel>([
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
]);

/**
 * What a call through us has besides its parameters: stopping it, and the ways back while it runs.
 *
 * @param keys whose state a server that keeps any is asked within, for callers without a session
 */
export function forwardContext(context: CallContext, keys: PrincipalKeys): ForwardContext {
  const { signal, session, principal, ask } = context;
  return {
    signal,
    sessionId: session?.id ?? keys.of(principal),
    progress({ progress, total, message }) {
      if (typeof progress !== 'number') return;
      const words = typeof message === 'string' ? cleanText(message) : undefined;
      context.progress(progress, typeof total === 'number' ? total : undefined, words);
    },
    log({ level, data, logger }) {
      if (!isLevel(level)) return;
      const clean = typeof data === 'string' ? cleanText(data) : data;
      context.log(level, clean, ...(typeof logger === 'string' ? [cleanText(logger)] : []));
    },
    ...(ask === undefined
      ? {}
      : {
          ask: async (method: string, params: JsonObject) => {
            try {
              return await ask(method, params);
            } catch (thrown) {
              // So that the upstream hears the client's own refusal.
              if (!(thrown instanceof AskRefusedError)) throw thrown;
              throw new UpstreamAnswerError(thrown.code, thrown.message, { data: thrown.data });
            }
          },
        }),
  };
}

/** The caller's `_meta` as far as it is meant for whoever serves the call: its progress token, trace and own keys. */
export function forwardedMeta({ meta }: CallContext): { _meta?: JsonObject } {
  if (meta === undefined) return {};
  const entries = Object.entries(meta).filter(([key]) => !OWN_PREFIXES.some((prefix) => key.startsWith(prefix)));
  return entries.length === 0 ? {} : { _meta: Object.fromEntries(entries) };
}

function isLevel(level: unknown): level is LogLevel {
  return typeof level === 'string' && LEVELS.has(level);
}
