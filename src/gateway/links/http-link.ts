import { DISCOVER, INITIALIZE } from '../../protocol/methods.ts';
import { eraOfRefusal, initializeParams, readDiscover, readInitialize } from './handshake.ts';
import { HttpConversation } from './http-conversation.ts';
import type { HttpTarget } from './http-headers.ts';
import { type HttpWire, openHttpWire, type WireOptions } from './http-wire.ts';
import type { Link, LinkInfo, LinkRequestOptions, OpenLinkOptions } from './link.ts';

export interface HttpParts extends Omit<WireOptions, 'connectTimeoutMs'> {
  /** Shared connections; without them the link opens its own and closes them with itself. */
  readonly wire?: HttpWire | undefined;
}

/**
 * Agrees on a revision as the official client does: `server/discover` first, `initialize` when that is refused.
 *
 * @throws UpstreamGoneError, UpstreamTimeoutError, UpstreamAnswerError, CancelledError, BlockedAddressError
 */
export async function openHttpLink(target: HttpTarget, options: OpenLinkOptions, parts: HttpParts): Promise<Link> {
  const endsAt = performance.now() + options.connectTimeoutMs;
  const { connectTimeoutMs } = options;
  const wire = parts.wire ?? (await openHttpWire(target.url, { ...parts, connectTimeoutMs }));
  const link = new HttpConversation(target, options, wire, parts.wire === undefined);
  const timing = () => ({ signal: options.signal, timeoutMs: Math.max(1, endsAt - performance.now()) });
  try {
    const info = options.era === 'legacy' ? undefined : await discover(link, timing);
    if (info !== undefined) return link.begin(info);
    const answer = await link.request(INITIALIZE, initializeParams(options), timing());
    return await link.beginSession(readInitialize(answer, link.hasSession));
  } catch (thrown) {
    await link.close();
    throw thrown;
  }
}

type Timing = () => Pick<LinkRequestOptions, 'signal' | 'timeoutMs'>;

async function discover(link: HttpConversation, timing: Timing): Promise<LinkInfo | undefined> {
  for (let again = false; ; again = true) {
    try {
      return readDiscover(await link.request(DISCOVER, {}, timing(), 'modern'));
    } catch (thrown) {
      if (eraOfRefusal(thrown) === 'legacy' || again) return undefined;
    }
  }
}
