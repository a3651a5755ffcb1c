import {
  encodeHeaderValue,
  METHOD_HEADER,
  NAME_HEADER,
  PROTOCOL_VERSION_HEADER,
  SESSION_ID_HEADER,
} from '../../protocol/headers.ts';
import { MODERN_REVISION } from '../../protocol/revisions.ts';
import { type HttpTarget, nameHeader, ownHeaders } from './http-headers.ts';
import type { JsonObject } from './link.ts';

const JSON_OR_STREAM = 'application/json, text/event-stream';

/** What the requests of one conversation say of it, names and values in turn; made anew when the revision is agreed on. */
export class ConversationHeaders {
  readonly #credentials: readonly string[];
  #agreed: readonly string[] = [];
  #post: string[];

  constructor(target: HttpTarget) {
    this.#credentials = ownHeaders(target);
    this.#post = this.#write();
  }

  /** Of every POST, and of the DELETE at the end. */
  get post(): string[] {
    return this.#post;
  }

  beginModern(): void {
    this.#agree([PROTOCOL_VERSION_HEADER, MODERN_REVISION]);
  }

  /** The revision is asked for from 2025-06-18 on, and ignored before. */
  beginSession(revision: string, session: string | undefined): void {
    this.#agree([PROTOCOL_VERSION_HEADER, revision, ...(session === undefined ? [] : [SESSION_ID_HEADER, session])]);
  }

  /** Of a POST in 2026-07-28, which may be the one that finds out whether that is spoken. */
  modern(method: string, params: JsonObject, more: Readonly<Record<string, string>> = {}): string[] {
    const flat = [...this.#post, METHOD_HEADER, method];
    if (this.#agreed.length === 0) flat.push(PROTOCOL_VERSION_HEADER, MODERN_REVISION);
    const name = nameHeader(method, params);
    if (name !== undefined) flat.push(NAME_HEADER, name);
    for (const [header, value] of Object.entries(more)) flat.push(header, encodeHeaderValue(value));
    return flat;
  }

  /** Of the GET that opens a stream, or takes one up again. */
  stream(lastEventId: string | undefined): string[] {
    const resume = lastEventId === undefined ? [] : ['last-event-id', lastEventId];
    return [...this.#credentials, 'accept', 'text/event-stream', ...this.#agreed, ...resume];
  }

  #agree(agreed: readonly string[]): void {
    this.#agreed = agreed;
    this.#post = this.#write();
  }

  #write(): string[] {
    return [...this.#credentials, 'content-type', 'application/json', 'accept', JSON_OR_STREAM, ...this.#agreed];
  }
}
