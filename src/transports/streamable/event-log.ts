/** What a session keeps for a client that reconnects: the newest events, within both limits. */
const MAX_EVENTS = 256;
const MAX_CHARS = 512 * 1024;
/** Of how many channels it is remembered what was dropped. */
const MAX_GAPS = 1_024;

export interface LoggedEvent {
  readonly id: string;
  readonly channel: number;
  readonly text: string;
}

/**
 * The events of one session's streams, to be replayed after `Last-Event-ID` (2025-03-26 … 2025-11-25, "Resumability
 * and Redelivery"). Ids name the channel and a number that grows over the whole session, so they are unique in it.
 */
export class EventLog {
  readonly #events: LoggedEvent[] = [];
  /** By channel, the newest event that was dropped: what came before it cannot be replayed without a hole. */
  readonly #gaps = new Map<number, number>();
  /** The same for all channels whose gap is forgotten. */
  #oldestGaps: number;
  #chars = 0;
  #sequence: number;
  #channels = 0;

  /** @param first what event numbers begin behind: beyond those of a log that the session had in an earlier process */
  constructor(first = 0) {
    this.#sequence = first;
    this.#oldestGaps = first;
  }

  /** A new channel's number; the first is 1, because 0 is the session's standalone stream. */
  openChannel(): number {
    this.#channels += 1;
    return this.#channels;
  }

  /** An id that stands before everything the channel will send. */
  startOf(channel: number): string {
    return `${channel}-${this.#sequence}`;
  }

  append(channel: number, text: string): string {
    this.#sequence += 1;
    const id = `${channel}-${this.#sequence}`;
    this.#events.push({ id, channel, text });
    this.#chars += text.length;
    while (this.#events.length > MAX_EVENTS || this.#chars > MAX_CHARS) {
      this.#drop();
    }
    return id;
  }

  #drop(): void {
    const event = this.#events.shift();
    if (event === undefined) return;
    this.#chars -= event.text.length;
    // Deleted first, so that the map stays in the order of the drops.
    this.#gaps.delete(event.channel);
    this.#gaps.set(event.channel, sequenceOf(event.id));
    for (const [channel, sequence] of this.#gaps) {
      if (this.#gaps.size <= MAX_GAPS) break;
      this.#gaps.delete(channel);
      this.#oldestGaps = sequence;
    }
  }

  /**
   * The channel an id belongs to and what it sent afterwards, or that some of it is gone: a client told nothing would wait
   * for its answer for ever. Undefined for an id that was never given out.
   */
  after(lastId: string): { channel: number; events: LoggedEvent[] | 'gone' } | undefined {
    const match = /^(\d{1,15})-(\d{1,15})$/.exec(lastId);
    if (match === null) return undefined;
    const channel = Number(match[1]);
    const sequence = Number(match[2]);
    if (channel > this.#channels || sequence > this.#sequence) return undefined;
    if (sequence < (this.#gaps.get(channel) ?? this.#oldestGaps)) return { channel, events: 'gone' };
    const events = this.#events.filter((event) => event.channel === channel && sequenceOf(event.id) > sequence);
    return { channel, events };
  }
}

function sequenceOf(id: string): number {
  return Number(id.slice(id.indexOf('-') + 1));
}
