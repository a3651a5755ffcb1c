import { isJSONRPCRequest, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

type Send = StreamableHTTPClientTransport['send'];

/** In the range JSON-RPC leaves to implementations; made here, never by a server we know. */
export const brokenStreamCode = -32_099;

/**
 * Streamable HTTP that answers for a server that went away: the SDK leaves a call whose answer stream broke waiting for
 * its timeout, minutes later. Here such a call gets an error at once. The end of a stream is told after an answer, too;
 * the protocol then no longer knows the call and drops ours.
 */
export class PromptStreamableTransport extends StreamableHTTPClientTransport {
  override send(...[message, options]: Parameters<Send>): ReturnType<Send> {
    if (Array.isArray(message) || !isJSONRPCRequest(message)) return super.send(message, options);
    const { id } = message;
    const onRequestStreamEnd = (): void => {
      this.onmessage?.({ jsonrpc: '2.0', id, error: { code: brokenStreamCode, message: 'stream ended' } });
    };
    return super.send(message, { ...options, onRequestStreamEnd });
  }
}
