import { randomUUID } from 'node:crypto';
import type { ServerContext } from '@modelcontextprotocol/server';
import type { CallContext } from '../tools/tool-source.ts';
import { carriedHandles } from './carried-handles.ts';
import { Reporter } from './reporter.ts';
import type { RequestOwner, Scrub } from './server-parts.ts';
import { askingSecretless, secretless, secretlessValue } from './without-secrets.ts';

/**
 * What a handler of ours gets of the SDK's context. Notifications that cannot be delivered are dropped: the request
 * they speak of will notice the closed connection by its signal.
 */
export function toCallContext(context: ServerContext, owner: RequestOwner, scrub: Scrub | undefined): CallContext {
  const { signal, _meta, notify, log } = context.mcpReq;
  const reporter = new Reporter(_meta?.progressToken, undefined, (method, params) => {
    if (!signal.aborted) notify({ method, params: secretless(params, scrub) }).catch(ignore);
  });
  const features = owner.featuresOf(context);
  const traceparent = _meta?.['traceparent'];
  return {
    ...owner.callerOf(context),
    ...carriedHandles(_meta),
    door: owner.doorOf(context),
    ...(typeof traceparent === 'string' ? { traceparent } : {}),
    signal,
    requestId: randomUUID(),
    ...(_meta === undefined ? {} : { meta: _meta }),
    ...features,
    ask: askingSecretless(features.ask, scrub),
    progress: (done, total, message) => reporter.progress(done, total, message),
    log: (level, data, logger) => {
      if (!signal.aborted)
        log(level, secretlessValue(data, scrub), logger && (scrub?.(logger) ?? logger)).catch(ignore);
    },
  };
}

/**
 * The SDK's context for tools that ask the client: a question goes out on the stream of the request it belongs to
 * (2025-11-25, "Sending Messages to the Server", item 6). The SDK itself sends it outside any request, where a client
 * that has not opened its GET stream yet would never hear it, and the call would hang.
 */
export function toAskingContext(context: ServerContext): ServerContext {
  const { mcpReq } = context;
  const { id: relatedRequestId } = mcpReq;
  return {
    ...context,
    mcpReq: {
      ...mcpReq,
      elicitInput: (params, options) => mcpReq.elicitInput(params, { relatedRequestId, ...options }),
      requestSampling: (params, options) => mcpReq.requestSampling(params, { relatedRequestId, ...options }),
    },
  };
}

function ignore(): void {}
