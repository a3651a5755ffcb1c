import { INTERNAL_ERROR } from '../../protocol/error-codes.ts';
import { ExactNumber, exactJson, parseExactly } from '../../protocol/exact-number.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { isLogLevel } from '../../protocol/log-levels.ts';
import { OWN_META_PREFIX } from '../../protocol/own-meta-keys.ts';
import { AskRefusedError } from '../../tools/ask-refused-error.ts';
import type { AskClient, CallContext } from '../../tools/tool-source.ts';
import type { JsonObject } from '../links/link.ts';
import { UpstreamAnswerError } from '../links/link-errors.ts';
import { cleanJson, cleanText } from '../trust/clean-text.ts';
import type { ClientWay } from '../upstreams/upstream-registry.ts';
import { askableCapabilities, fitQuestion } from './fit-question.ts';

/** Belong to one hop of the way: the next one has its own. */
const OWN_PREFIXES = ['io.modelcontextprotocol/', OWN_META_PREFIX];

/** A person may be away; an upstream need not wait for ever. */
const ANSWER_WITHIN_MS = 10 * 60_000;

const NONE: JsonObject = Object.freeze({});

/** What a call through us has besides its parameters: stopping it, and the ways back while it runs. */
export function forwardContext(context: CallContext): ClientWay {
  const { signal, ask, rounds, logLevel } = context;
  // Who can be asked nothing has no such capability, whatever it declared.
  const askable = ask !== undefined || rounds !== undefined;
  const capabilities = askable ? askableCapabilities(context.capabilities) : NONE;
  return {
    signal,
    modern: { capabilities, logLevel },
    progress({ progress, total, message }) {
      if (typeof progress !== 'number') return;
      const words = typeof message === 'string' ? cleanText(message) : undefined;
      context.progress(progress, typeof total === 'number' ? total : undefined, words);
    },
    log({ level, data, logger }) {
      if (!isLogLevel(level)) return;
      context.log(level, cleanData(data), ...(typeof logger === 'string' ? [cleanText(logger)] : []));
    },
    ask:
      ask &&
      (async (method, params) => {
        const question = fitQuestion({ method, params }, { capabilities, era: 'legacy' });
        return answerOf(ask(question.method, question.params));
      }),
  };
}

async function answerOf(answer: ReturnType<AskClient>): Promise<JsonObject> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new UpstreamAnswerError(INTERNAL_ERROR, 'Nobody answered in time.')),
      ANSWER_WITHIN_MS,
    ).unref();
  });
  try {
    return await Promise.race([answer, late]);
  } catch (thrown) {
    // So that the upstream hears the client's own refusal.
    if (!(thrown instanceof AskRefusedError)) throw thrown;
    throw new UpstreamAnswerError(thrown.code, thrown.message, { data: thrown.data });
  } finally {
    clearTimeout(timer);
  }
}

/** The caller's `_meta` as far as it is meant for whoever serves the call: its progress token, trace and own keys. */
export function forwardedMeta({ meta }: CallContext): { _meta?: JsonObject } {
  if (meta === undefined) return {};
  const entries = Object.entries(meta).filter(([key]) => !OWN_PREFIXES.some((prefix) => key.startsWith(prefix)));
  return entries.length === 0 ? {} : { _meta: Object.fromEntries(entries) };
}

function cleanData(data: unknown): unknown {
  if (typeof data === 'string') return cleanText(data);
  if (data instanceof ExactNumber) return data;
  return isFields(data) || Array.isArray(data) ? parseExactly(cleanJson(exactJson(data))) : data;
}
