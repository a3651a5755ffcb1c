/** What an injected fault may do with one request: run the real call or not, and answer on the raw socket. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { OmieFault } from '../omie-fault.ts';
import type { WireObject } from '../wire.ts';

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Runs the real call, with some request keys replaced; throws the call's own fault. */
  answer(replaced?: Readonly<Record<string, unknown>>): WireObject;
  /** Page asked for, whatever the dialect. */
  readonly page: number;
  /** Answers with a fault of Omie's own, in the status the simulator uses for it. */
  refuse(fault: OmieFault): void;
  /** Real time; ends early when the simulator closes or the client is gone. */
  sleep(ms: number): Promise<void>;
}

export interface Fault {
  readonly kind: string;
  act(exchange: Exchange): void | Promise<void>;
}

export const jsonHeaders: OutgoingHttpHeaders = { 'content-type': 'application/json; charset=UTF-8' };
export const htmlHeaders: OutgoingHttpHeaders = { 'content-type': 'text/html' };

export function send(
  response: ServerResponse,
  status: number,
  headers: OutgoingHttpHeaders,
  body: string | Buffer,
): void {
  if (response.destroyed) return;
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
