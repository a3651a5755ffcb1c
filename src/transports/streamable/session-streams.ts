import { Channel } from './channel.ts';
import { EventLog } from './event-log.ts';
import type { EventStream } from './event-stream.ts';

/** The channel of messages that belong to no request. */
const STANDALONE = 0;

/**
 * The event streams of one session and what a reconnecting client may still fetch. Most sessions never stream
 * anything, so nothing is made before the first one does.
 */
export class SessionStreams {
  // A process that ended gave out fewer numbers than milliseconds have passed since.
  readonly #log = new EventLog(Date.now());
  readonly #channels = new Map<number, Channel>();

  /** A channel for answers that turned into a stream. */
  open(): Channel {
    const channel = new Channel(this.#log, this.#log.openChannel());
    this.#channels.set(channel.number, channel);
    return channel;
  }

  /** What was sent on a finished channel stays in the log; nothing more will come on it. */
  finish(channel: Channel): void {
    this.#channels.delete(channel.number);
  }

  /** Speaks to the client outside any request, if it ever opened a stream to be spoken to. */
  announce(text: string): void {
    this.#channels.get(STANDALONE)?.send(text);
  }

  /** A GET without `Last-Event-ID` ("Listening for Messages from the Server"). */
  listen(stream: EventStream): void {
    let channel = this.#channels.get(STANDALONE);
    if (channel === undefined) {
      channel = new Channel(this.#log, STANDALONE);
      this.#channels.set(STANDALONE, channel);
    }
    channel.attach(stream);
  }

  /**
   * A GET with `Last-Event-ID`: what was missed on that channel, then the rest of it, if any is to come. Messages that belong
   * to no request go on even when some are gone (`holes`): nobody waits for one of them. Undefined for an id that nothing
   * can follow.
   */
  resume(lastId: string, open: () => EventStream): 'whole' | 'holes' | undefined {
    const missed = this.#log.after(lastId);
    if (missed === undefined) return undefined;
    const { channel: number, events } = missed;
    if (events === 'gone') {
      if (number !== STANDALONE) return undefined;
      this.listen(open());
      return 'holes';
    }
    const stream = open();
    const channel = this.#channels.get(number);
    if (channel !== undefined) {
      channel.attach(stream, events);
      return 'whole';
    }
    for (const { id, text } of events) stream.event(text, id);
    stream.end();
    return 'whole';
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.end();
    this.#channels.clear();
  }
}
