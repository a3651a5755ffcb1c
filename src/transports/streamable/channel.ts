import type { EventLog, LoggedEvent } from './event-log.ts';
import type { EventStream } from './event-stream.ts';

/** How soon a client whose stream we closed should come back. */
const RETRY_MS = 1_000;

/**
 * A stream of messages that may outlive the response carrying it: with a log, what is sent while nobody is connected
 * waits there. When several responses are attached (a session may open many GET streams) each message goes to the
 * newest one only, never to two ("Multiple Connections").
 */
export class Channel {
  readonly number: number;
  readonly #log: EventLog | undefined;
  #streams: EventStream[] = [];

  constructor(log?: EventLog, number = 0) {
    this.#log = log;
    this.number = number;
  }

  get resumable(): boolean {
    return this.#log !== undefined;
  }

  attach(stream: EventStream, missed: readonly LoggedEvent[] = []): void {
    for (const { id, text } of missed) stream.event(text, id);
    this.#streams = this.#streams.filter((other) => other.open);
    this.#streams.push(stream);
  }

  prime(stream: EventStream): void {
    if (this.#log !== undefined) stream.prime(this.#log.startOf(this.number), RETRY_MS);
  }

  send(text: string): void {
    const id = this.#log?.append(this.number, text);
    this.#streams.findLast((stream) => stream.open)?.event(text, id);
  }

  end(): void {
    for (const stream of this.#streams) stream.end();
    this.#streams = [];
  }
}
