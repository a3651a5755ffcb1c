/** How a request to an upstream can fail. The rooms above decide what to tell the user, and whether another may try. */

import { BAD_REQUEST, INTERNAL_ERROR } from '../../protocol/error-codes.ts';

/** The upstream understood and said no: a JSON-RPC error object, or an HTTP status that means the same. */
export class UpstreamAnswerError extends Error {
  readonly code: number;
  readonly data: unknown;
  /** Set when HTTP said it: 401 and 403 mean our credential, not the upstream's health. */
  readonly status: number | undefined;
  /** Which of its lists it was asked for, e.g. `resources/list`, where that was one. */
  list: string | undefined;

  constructor(code: number, message: string, { data, status }: { data?: unknown; status?: number | undefined } = {}) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.data = data;
    this.status = status;
  }
}

/** It answered something that is no result of what it was asked for: nothing more will come. */
export class MalformedAnswerError extends UpstreamAnswerError {
  constructor(message = 'The answer is no MCP result.') {
    super(INTERNAL_ERROR, message);
  }
}

/** It answered more than is read of any answer. */
export class OversizedAnswerError extends MalformedAnswerError {
  constructor() {
    super('The answer is too large.');
  }
}

/** HTTP statuses of the credential, and of the address that was called: no MCP server looked at the request. */
export const NEVER_BEGUN: ReadonlySet<number> = new Set([401, 403, 404, 410]);

/** HTTP 4xx without an answer to this very request: the words, if any, are not about it. */
export class HttpRefusalError extends UpstreamAnswerError {
  /** Surely nothing was done. */
  readonly undone: boolean;
  /** It said more than a status. */
  readonly spoken: boolean;

  constructor(status: number, said?: { readonly code: number; readonly message: string; readonly data?: unknown }) {
    const words = said?.message ?? `The upstream refused the request (HTTP ${status}).`;
    super(said?.code ?? BAD_REQUEST, words, { data: said?.data, status });
    this.undone = NEVER_BEGUN.has(status);
    this.spoken = said !== undefined;
  }
}

interface GoneOptions {
  /** False only when no byte of the request can have reached the upstream, or it said that it did not begin. */
  readonly sent: boolean;
  readonly cause?: unknown;
  readonly retryAfterMs?: number | undefined;
}

/** No answer will come; the message is a sentence in Portuguese, for operators, and no word of the upstream's: refused, reset, exited, expired, or not the protocol. */
export class UpstreamGoneError extends Error {
  readonly sent: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, { sent, cause, retryAfterMs }: GoneOptions) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.sent = sent;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The connection was closed before the answer began, as happens to one that was idle until then: it may have been done. */
export class UnansweredError extends UpstreamGoneError {}

/** It was cut off, for it wrote without end what is no message. */
export class UpstreamFloodError extends UpstreamGoneError {}

/** We did not ask, for a reason of ours: it says nothing about the upstream's health. */
export class NotAskedError extends UpstreamGoneError {
  constructor(message: string, retryAfterMs?: number) {
    super(message, { sent: false, retryAfterMs });
  }
}

/** HTTP 429: it turned the request away before anything was done. Busy, and alive. */
export class UpstreamBusyError extends UpstreamGoneError {
  constructor(retryAfterMs: number | undefined) {
    super('O servidor está ocupado (HTTP 429).', { sent: false, retryAfterMs });
  }
}

/** The time of the request is over. */
export class UpstreamTimeoutError extends Error {
  readonly sent: boolean;

  constructor(message: string, { sent }: { sent: boolean }) {
    super(message);
    this.name = new.target.name;
    this.sent = sent;
  }
}
