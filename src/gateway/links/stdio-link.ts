/** MCP over the pipes of a child process (every revision's "stdio" transport). */

import { CancelledError } from '../../errors.ts';
import { DISCOVER, INITIALIZE, INITIALIZED } from '../../protocol/methods.ts';
import { type ChildOptions, ChildProcess, type StdioTarget } from './child-process.ts';
import { Conversation } from './conversation.ts';
import { GarbageMeter } from './garbage-meter.ts';
import { eraOfRefusal, initializeParams, readDiscover, readInitialize } from './handshake.ts';
import { idAtEdges, isObject } from './line-edges.ts';
import { LineLink } from './line-link.ts';
import type { JsonObject, Link, LinkInfo, LinkRequestOptions, OpenLinkOptions } from './link.ts';
import { UpstreamAnswerError, UpstreamGoneError, UpstreamTimeoutError } from './link-errors.ts';
import { ListChanges } from './list-changes.ts';

/** The part of the opening that the question for the era may take: an old server may never answer it. */
const PROBE_SHARE = 0.4;

/** More than any answer is: whoever has written so much without an end never comes to one. */
const MOST_SKIPPED_BYTES = 256 * 1_048_576;

/**
 * Starts the program and agrees on a revision with it: `server/discover` first, and `initialize` when that is refused,
 * not answered, or the end of the program (some old servers end at any other first word; they are started again).
 *
 * @throws UpstreamGoneError, UpstreamTimeoutError, UpstreamAnswerError, CancelledError, ConfigurationError (environment)
 */
export async function openStdioLink(target: StdioTarget, options: OpenLinkOptions, parts: ChildOptions): Promise<Link> {
  const endsAt = performance.now() + options.connectTimeoutMs;
  const left = (): number => Math.max(1, endsAt - performance.now());
  let link = new StdioLink(target, options, parts);
  try {
    if (options.era !== 'legacy') {
      const timeoutMs = options.era === 'modern' ? left() : left() * PROBE_SHARE;
      const info = await link.discover({ signal: options.signal, timeoutMs });
      if (info !== undefined) return link.begin(info);
      if (link.over) {
        await link.close();
        link = new StdioLink(target, options, parts);
      }
    }
    const timing = { signal: options.signal, timeoutMs: left() };
    const info = readInitialize(await link.request(INITIALIZE, initializeParams(options), timing), true);
    link.notify(INITIALIZED);
    return link.begin(info);
  } catch (thrown) {
    await link.close();
    throw thrown;
  }
}

type Timing = Pick<LinkRequestOptions, 'signal' | 'timeoutMs'>;

class StdioLink extends LineLink {
  readonly closed: Promise<Error | undefined>;
  readonly #child: ChildProcess;
  protected readonly conversation: Conversation;
  #changes: ListChanges | undefined;
  #closing = false;
  over = false;

  constructor(target: StdioTarget, options: OpenLinkOptions, parts: ChildOptions) {
    super();
    const meter = new GarbageMeter(parts.logger, (reason) => {
      conversation.lost(reason);
      this.#child.giveUp(reason);
    });
    const conversation = new Conversation(
      {
        send: (text, failed) => this.#send(text, failed),
        garbage: (bytes) => meter.garbage(bytes),
        message: () => meter.message(),
      },
      options,
    );
    this.conversation = conversation;
    this.#child = new ChildProcess(
      target,
      {
        line: (message) => conversation.receiveLine(message),
        tooLong: (head, tail, bytes) => {
          const id = idAtEdges(head, tail);
          if (id !== undefined) conversation.oversized(id);
          else if (!isObject(head)) meter.garbage(bytes);
        },
        skipping: (head, bytes) => {
          if (bytes > MOST_SKIPPED_BYTES || !isObject(head)) meter.garbage(bytes);
        },
      },
      parts,
    );
    this.closed = this.#child.ended.then((reason) => {
      this.over = true;
      this.#changes?.stop();
      conversation.lost(reason, this.#child.pid !== undefined);
      return this.#closing ? undefined : reason;
    });
  }

  begin(info: LinkInfo): this {
    // A process is one conversation, whatever it promises about its requests.
    this.agreed = { ...info, stateful: true };
    this.conversation.speak(info.era);
    if (info.era === 'modern') {
      const { conversation } = this;
      this.#changes = new ListChanges(
        (...request) => conversation.request(...request),
        info,
        (method, params) => conversation.listeners.tell(method, params),
      );
      this.#changes.run();
    }
    return this;
  }

  override request(method: string, params: JsonObject, options: LinkRequestOptions): Promise<string> {
    return this.#changes?.serve(method, params, options) ?? super.request(method, params, options);
  }

  /** Undefined: an old server. */
  async discover(timing: Timing): Promise<LinkInfo | undefined> {
    try {
      return readDiscover(await this.conversation.request(DISCOVER, {}, timing, 'modern'));
    } catch (thrown) {
      if (thrown instanceof CancelledError) throw thrown;
      if (thrown instanceof UpstreamAnswerError) eraOfRefusal(thrown);
      else if (thrown instanceof UpstreamGoneError && this.#child.pid === undefined) throw thrown;
      else if (!(thrown instanceof UpstreamGoneError || thrown instanceof UpstreamTimeoutError)) throw thrown;
      return undefined;
    }
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#changes?.stop();
    await this.#child.close();
    await this.closed;
  }

  #send(text: string, failed: (error: UpstreamGoneError) => void): void {
    if (!this.#child.write(text)) failed(new UpstreamGoneError('O programa não lê mensagens.', { sent: false }));
  }
}
