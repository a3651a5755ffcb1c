import { randomUUID } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import type { Principal } from '../companies/principal.ts';
import { INVALID_REQUEST } from '../protocol/error-codes.ts';
import { type Fields, isFields, type RequestId } from '../protocol/json-rpc.ts';
import type { CatalogChange } from '../server/catalog.ts';
import { DuplexConnection } from './duplex-connection.ts';
import { claimsEnvelope } from './envelope.ts';
import { NOT_UTF8 } from './http-reply.ts';
import { LineReader, MAX_LINE_BYTES } from './line-reader.ts';
import type { ModernEndpoint } from './modern-endpoint.ts';
import { ModernLine } from './modern-line.ts';
import type { ProtocolErrors } from './protocol-errors.ts';
import { readMessageText } from './read-message-text.ts';
import type { SessionParts } from './session-parts.ts';

/** How long requests that came before the end of input may still take to be answered. */
const END_GRACE_MS = 1_500;

export interface StdioOptions {
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** The client is gone; whether the process goes too is for the caller to decide. */
  readonly onClose: () => void;
}

/**
 * The stdio transport (basic/transports, "stdio"): one JSON-RPC message a line, both eras on the same pipe, told apart
 * message by message. Nothing but messages is ever written to stdout.
 */
export class Stdio {
  readonly principal: Principal;
  readonly #options: StdioOptions;
  readonly #errors: ProtocolErrors;
  readonly #legacy: DuplexConnection;
  readonly #modern: ModernLine;
  readonly #reader: LineReader;
  /** Captured, so that nobody who replaces `stdout.write` to guard it can cut the protocol off. */
  readonly #rawWrite: (text: string) => boolean;
  #closed = false;

  constructor(parts: SessionParts, endpoint: ModernEndpoint, principal: Principal, options: StdioOptions) {
    this.principal = principal;
    this.#options = options;
    this.#errors = parts.errors;
    this.#rawWrite = options.stdout.write.bind(options.stdout);
    const write = (text: string): void => this.#write(text);
    this.#legacy = new DuplexConnection(parts, { principal, session: { id: randomUUID() } }, 'stdio', write);
    this.#modern = new ModernLine(parts, endpoint, principal, write);
    this.#reader = new LineReader({
      line: (text) => this.#line(text),
      notText: () => this.#refuse(null, NOT_UTF8),
      tooLong: () => this.#tooLong(),
    });
    options.stdin.on('data', (chunk: Buffer) => this.#reader.push(chunk));
    options.stdin.once('end', () => this.#ended());
    options.stdin.once('close', () => this.#ended());
    options.stdin.once('error', () => this.close());
    // EPIPE: whoever read our answers is gone.
    options.stdout.on('error', () => this.close());
  }

  announce(change: CatalogChange): void {
    this.#legacy.announce(change);
  }

  /** Aborts what is in progress and reports the end, once. */
  close(): void {
    if (this.#closed) return;
    this.#modern.close();
    this.#closed = true;
    this.#legacy.close();
    this.#options.stdin.pause();
    this.#options.onClose();
  }

  #line(line: string): void {
    const read = readMessageText(line);
    if (read.kind === 'refused') this.#refuse(read.id, read.refusal);
    else if (isFields(read.message)) this.#take(read.message);
    else this.#refuse(null, { code: INVALID_REQUEST, message: 'Invalid Request: not a JSON-RPC message' });
  }

  #take(message: Fields): void {
    if (claimsEnvelope(message) || this.#modern.isCancelledBy(message)) this.#modern.receive(message);
    else this.#legacy.receive(message);
  }

  #tooLong(): void {
    const message = `Invalid Request: a line must not exceed ${MAX_LINE_BYTES} bytes`;
    this.#refuse(null, { code: INVALID_REQUEST, message });
  }

  /** `printf … | omie-mcp-hub` ends its input at once and still wants its answers. */
  #ended(): void {
    this.#reader.flush();
    this.#waitForAnswers(Date.now() + END_GRACE_MS);
  }

  #waitForAnswers(deadline: number): void {
    if (this.#closed) return;
    if ((this.#legacy.busy || this.#modern.busy) && Date.now() < deadline) {
      setTimeout(() => this.#waitForAnswers(deadline), 10);
    } else this.close();
  }

  #refuse(id: RequestId | null, { code, message }: { code: number; message: string }): void {
    this.#write(this.#errors.text(id, { code, message }));
  }

  #write(text: string): void {
    if (!this.#closed) this.#rawWrite(`${text}\n`);
  }
}
