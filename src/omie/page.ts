/** One page of a list as it came: from the text of the reply to validated rows. */
import { faultInBody, faultOfStatus, OmieFault } from './faults.ts';
import type { OmieCall, OmieParams } from './omie-client.ts';
import type { PostReply } from './post.ts';
import { dropNulls, repairTexts } from './tidy.ts';

export interface Page<Row> {
  /** The definition that validated the rows, to tell it from another of the same name. */
  readonly call: object;
  readonly rows: readonly Row[];
  /** The server's counters; undefined where it gave none that is a whole number. */
  readonly number: number | undefined;
  readonly totalPages: number | undefined;
  readonly totalRows: number | undefined;
  /** Omie's no-records fault instead of a page. */
  readonly absent: boolean;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
}

interface Dialect {
  readonly page: string;
  readonly size: string;
  readonly pages: string;
  readonly total: string;
}

const dialects: Readonly<Record<OmieCall['dialect'], Dialect>> = {
  snake: {
    page: 'pagina',
    size: 'registros_por_pagina',
    pages: 'total_de_paginas',
    total: 'total_de_registros',
  },
  hungarian: { page: 'nPagina', size: 'nRegPorPagina', pages: 'nTotPaginas', total: 'nTotRegistros' },
};

export function pageParams(
  call: Pick<OmieCall, 'dialect'>,
  params: OmieParams,
  page: { number: number; size: number },
): OmieParams {
  const names = dialects[call.dialect];
  return { ...params, [names.page]: page.number, [names.size]: page.size };
}

/** Throws `OmieFault`: what Omie refused, or `bad-response` for what is not its protocol. Never drops a row in silence. */
export function readPageReply<Row>(reply: PostReply, call: OmieCall<Row>, nowMs: number): Page<Row> {
  const body = parsed(reply.text);
  const fault =
    (isRecord(body) ? faultInBody(body, reply.status, nowMs) : undefined) ??
    faultOfStatus(reply.status, reply.retryAfter, nowMs);
  if (fault?.kind === 'empty') {
    return { call, rows: [], number: undefined, totalPages: 0, totalRows: 0, absent: true, arrivedAt: nowMs };
  }
  if (fault !== undefined) throw fault;
  if (!isRecord(body)) throw new OmieFault('bad-response', 'The body is no JSON object.');

  const names = dialects[call.dialect];
  if (![call.listKey, names.pages, names.total].some((key) => Object.hasOwn(body, key))) {
    throw new OmieFault('bad-response', `The body has no ${call.listKey}.`);
  }
  return {
    call,
    rows: readRows(body[call.listKey], call, reply.text),
    number: countOf(body[names.page]),
    totalPages: countOf(body[names.pages]),
    totalRows: countOf(body[names.total]),
    absent: false,
    arrivedAt: nowMs,
  };
}

function readRows<Row>(list: unknown, call: OmieCall<Row>, text: string): Row[] {
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list)) throw new OmieFault('bad-response', `${call.listKey} is no list.`);
  dropNulls(list, text);
  const rows: Row[] = [];
  for (const raw of list) {
    const row = call.row.safeParse(raw);
    if (!row.success) throw new OmieFault('bad-response', `A row of ${call.listKey} has another shape.`);
    rows.push(row.data);
  }
  repairTexts(rows, text);
  return rows;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Counters are numbers on the wire, and sometimes the same number as text. */
function countOf(value: unknown): number | undefined {
  const count = typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value;
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}
