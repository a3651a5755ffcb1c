/** Faults that run the call and spoil its answer: bad bytes, odd JSON, and pages that lie. */
import { toJson, type Wire, type WireObject } from '../wire.ts';
import { type Exchange, type Fault, jsonHeaders, send } from './exchange.ts';

const textFault = (kind: string, spoil: (text: string, answer: WireObject) => string): Fault => ({
  kind,
  act: (exchange) => {
    const answer = exchange.answer();
    send(exchange.response, 200, jsonHeaders, spoil(toJson(answer), answer));
  },
});

/** Complete by its length, but the JSON stops half-way. */
export const truncatedJson = (): Fault =>
  textFault('truncatedJson', (text) => text.slice(0, Math.ceil(text.length / 2)));

/** Every counter twice; readers that keep the last one see the true value. */
export const duplicateKeys = (): Fault =>
  textFault('duplicateKeys', (text, answer) => {
    const counters = Object.keys(answer).filter((key) => typeof answer[key] === 'number');
    return `{${counters.map((key) => `"${key}":987654,`).join('')}${text.slice(1)}`;
  });

/** Keys that turn careless copies of the answer against the program. */
export const protoKey = (): Fault =>
  textFault(
    'protoKey',
    (text) => `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},${text.slice(1)}`,
  );

/** Replaces the first money value with a literal no sane amount has: 1e400 overflows, NaN is no JSON at all. */
export const oddNumber = (literal = '1e400'): Fault =>
  textFault('oddNumber', (text) =>
    text.replace(/"(valor_documento|nValorTitulo|nValAberto|nSaldoAtual|nValorMovCC)":-?[\d.]+/, `"$1":${literal}`),
  );

/** Half of a surrogate pair inside a text. */
export const loneSurrogate = (): Fault =>
  textFault('loneSurrogate', (text) =>
    text.replace(/"(descricao|razao_social|numero_documento|cNumTitulo)":"/, '"$1":"\\ud800'),
  );

/** ISO-8859-1 bytes with no charset told. */
export const latin1 = (): Fault => ({
  kind: 'latin1',
  act: (exchange) => {
    const answer = { descricao_status: 'Operação concluída', ...exchange.answer() };
    send(exchange.response, 200, { 'content-type': 'application/json' }, Buffer.from(JSON.stringify(answer), 'latin1'));
  },
});

/** The right JSON under the wrong name. */
export const wrongContentType = (contentType = 'text/html; charset=UTF-8'): Fault => ({
  kind: 'wrongContentType',
  act: (exchange) => send(exchange.response, 200, { 'content-type': contentType }, toJson(exchange.answer())),
});

const pageFault = (kind: string, rewrite: (exchange: Exchange) => WireObject): Fault => ({
  kind,
  act: (exchange) => send(exchange.response, 200, jsonHeaders, toJson(rewrite(exchange))),
});

/** The first page's rows under any page number. */
export const repeatPage = (): Fault =>
  pageFault('repeatPage', (exchange) => {
    const first = exchange.answer(firstPage(exchange));
    return replaceCounters(first, ['pagina', 'nPagina'], exchange.page);
  });

/** Fewer rows than the page promises, totals unchanged. */
export const shrinkingPage = (): Fault =>
  pageFault('shrinkingPage', (exchange) =>
    withRows(exchange.answer(), (rows) => rows.slice(0, Math.floor(rows.length / 2))),
  );

/** No rows at all, totals unchanged. */
export const emptyPage = (): Fault => pageFault('emptyPage', (exchange) => withRows(exchange.answer(), () => []));

/** Says another number of pages: 1e9, 0, "3", null… `undefined` leaves the key out. */
export const pageCount = (value: unknown): Fault => ({
  kind: 'pageCount',
  act: (exchange) => {
    const answer = exchange.answer();
    const key = 'nTotPaginas' in answer ? 'nTotPaginas' : 'total_de_paginas';
    send(exchange.response, 200, jsonHeaders, JSON.stringify({ ...answer, [key]: value }));
  },
});

/** The total moves by `step` at every answer, as when others write between two pages. */
export const driftingTotals = (step = 1): Fault => {
  let drift = 0;
  return pageFault('driftingTotals', (exchange) => {
    const answer = exchange.answer();
    drift += step;
    const key = 'nTotRegistros' in answer ? 'nTotRegistros' : 'total_de_registros';
    return replaceCounters(answer, [key], Number(answer[key]) + drift);
  });
};

function firstPage(exchange: Exchange): Record<string, number> {
  return 'nPagina' in exchange.answer() ? { nPagina: 1 } : { pagina: 1 };
}

function replaceCounters(answer: WireObject, keys: readonly string[], value: number): WireObject {
  const present = keys.filter((key) => key in answer);
  return { ...answer, ...Object.fromEntries(present.map((key) => [key, value])) };
}

function withRows(answer: WireObject, rows: (rows: readonly Wire[]) => readonly Wire[]): WireObject {
  return Object.fromEntries(
    Object.entries(answer).map(([key, value]) => [key, Array.isArray(value) ? rows(value) : value]),
  );
}
