/** Faults that answer in place of the call, which does not run. */
import {
  accessRefused,
  alreadyProcessed,
  blockedFor,
  brokenServer,
  methodLocked,
  type OmieFault,
  redundant as redundantFault,
} from '../omie-fault.ts';
import { statusPage } from '../pages-html.ts';
import { type Fault, htmlHeaders, jsonHeaders, send } from './exchange.ts';

const refusal = (kind: string, fault: () => OmieFault): Fault => ({
  kind,
  act: (exchange) => exchange.refuse(fault()),
});

/** "SOAP-ERROR: Broken response from Application Server": heavy pages and busy mornings. */
export const brokenResponse = (): Fault => refusal('brokenResponse', brokenServer);

export const redundant = (seconds = 60): Fault => refusal('redundant', () => redundantFault(seconds));

export const lock = (): Fault => refusal('lock', methodLocked);

export const inFlight = (retryAt = '23:59:59'): Fault => refusal('inFlight', () => alreadyProcessed(retryAt));

export const blocked = (seconds = 1_800): Fault => refusal('blocked', () => blockedFor(seconds));

export const authFault = (style: 'Server-403' | 'Client-101' = 'Server-403'): Fault =>
  refusal('authFault', () => accessRefused(style));

const reasons: Record<number, string> = {
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

const htmlReply = (kind: string, status: number, retryAfter?: number | string): Fault => ({
  kind,
  act: ({ response }) => {
    const headers = retryAfter === undefined ? htmlHeaders : { ...htmlHeaders, 'retry-after': String(retryAfter) };
    send(response, status, headers, statusPage(status, reasons[status] ?? 'Error'));
  },
});

export const htmlError = (status: 502 | 503 | 504 = 502): Fault => htmlReply('htmlError', status);

/** Retry-After may be seconds, a date, negative, absurd or garbage: pass it as the server would spell it. */
export const tooMany = (retryAfter?: number | string): Fault => htmlReply('tooMany', 429, retryAfter);

export const unavailable = (retryAfter?: number | string): Fault => htmlReply('unavailable', 503, retryAfter);

/** A maintenance page with HTTP 200. */
export const html200 = (): Fault => ({
  kind: 'html200',
  act: ({ response }) =>
    send(response, 200, htmlHeaders, '<!DOCTYPE html><html><body><h1>Manutenção</h1></body></html>'),
});

export const emptyBody = (): Fault => ({
  kind: 'emptyBody',
  act: ({ response }) => send(response, 200, jsonHeaders, ''),
});

/** JSON, but no object: null, a number, a string, an array. */
export const scalarBody = (value: unknown = null): Fault => ({
  kind: 'scalarBody',
  act: ({ response }) => send(response, 200, jsonHeaders, JSON.stringify(value) ?? 'null'),
});

export const plain500 = (status: 500 | 502 | 504 = 500): Fault => ({
  kind: 'plain500',
  act: ({ response }) => send(response, status, { 'content-type': 'text/plain' }, reasons[status] ?? 'Error'),
});
