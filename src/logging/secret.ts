import { inspect } from 'node:util';

const REDACTED = '[redacted]';

/**
 * A value that must never be shown. Printing, logging, JSON, template literals and `util.inspect` all give
 * `[redacted]`; only {@link Secret.reveal}, called where the value is sent, gives the text.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [Symbol.toPrimitive](): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
