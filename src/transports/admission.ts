import { OverloadError } from '../errors.ts';
import { BAD_REQUEST, errorText, type RequestId } from '../server/json-rpc.ts';
import type { Refusal } from './http-reply.ts';

/** More than a client has a reason to ask at once; each request holds memory until it is answered. */
const MAX_PER_CONNECTION = 256;
const MAX_PER_PROCESS = 4_096;

const WAIT_MS = 1_000;
const MESSAGE = 'Server busy: too many requests in progress';
const DATA = new OverloadError('Há consultas demais em andamento. Repita em instantes.', WAIT_MS).toErro();

/** The refusal of a request that would be one too many, and of a POST that carries nothing else. */
export const OVERLOADED: Refusal = {
  status: 503,
  code: BAD_REQUEST,
  message: MESSAGE,
  data: DATA,
  headers: { 'retry-after': String(WAIT_MS / 1000) },
};

export function overloadText(id: RequestId): string {
  return errorText(id, BAD_REQUEST, MESSAGE, DATA);
}

/** How many requests may be in progress: on one connection or session, and in the whole process. */
export class Admission {
  readonly #cap: number;
  #count = 0;

  constructor(cap: number = MAX_PER_PROCESS) {
    this.#cap = cap;
  }

  /** Whether there is room for one more, given how many its connection has in progress; each is to `leave` once. */
  enter(ofConnection: number): boolean {
    if (ofConnection >= MAX_PER_CONNECTION || this.#count >= this.#cap) return false;
    this.#count += 1;
    return true;
  }

  leave(): void {
    this.#count -= 1;
  }
}
