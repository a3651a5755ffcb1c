/**
 * Names of customers and suppliers, which finance rows do not carry. Asked in bulk, only for the page shown, remembered for
 * an hour per company. A name adorns a number and never holds it up: when the look-up fails, or the numbers left it no time,
 * names are missing and said so.
 */

import { LRUCache } from 'lru-cache';
import type { CompanyCredentials } from '../../companies/company.ts';
import { recordText } from '../../finance/record-text.ts';
import { listarClientesResumido } from '../../omie/calls/clientes.ts';
import type { OmieClient } from '../../omie/omie-client.ts';
import type { StopSignal } from '../../stop-signal.ts';
import { companyKey } from '../company-key.ts';
import { toleratedFailure } from '../lookup-failure.ts';
import { startQuestion, type TimeLeft } from '../question-time.ts';

const HOUR_MS = 3_600_000;
const MAX_KNOWN = 100_000;
/** Omie answers at most 100 rows a page here. */
const BATCH = 100;
/** A batch is one page; more than a few mean that Omie ignored the codes and is sending everybody. */
const PAGES_PER_BATCH = 3;

const SHORT =
  'O Omie devolveu só parte dos clientes e fornecedores pedidos: faltam nomes nesta página. Os valores não são afetados.';

export interface Counterparty {
  readonly name: string | undefined;
  /** As registered; finance rows usually carry it themselves. */
  readonly taxId: string | undefined;
}

export interface CounterpartyNames {
  readonly byId: ReadonlyMap<number, Counterparty>;
  /** Portuguese, when some names could not be asked for, or are missing from a list that Omie gave only in part. */
  readonly warning?: string;
}

export type LookUpCounterparties = (
  company: CompanyCredentials,
  ids: Iterable<number>,
  options?: { readonly signal?: StopSignal | undefined; readonly timeLeft?: TimeLeft | undefined },
) => Promise<CounterpartyNames>;

export function createCounterpartyNames(omie: OmieClient): LookUpCounterparties {
  // By size and not by number: for a `max`, lru-cache lays out all its room at once (20 ms of every start).
  const known = new LRUCache<string, Counterparty>({ maxSize: MAX_KNOWN, sizeCalculation: () => 1, ttl: HOUR_MS });

  return async (company, ids, { signal, timeLeft = startQuestion() } = {}) => {
    const key = companyKey(company);
    const byId = new Map<number, Counterparty>();
    const missing: number[] = [];
    for (const id of new Set(ids)) {
      const remembered = known.get(`${key}:${id}`);
      if (remembered === undefined) missing.push(id);
      else byId.set(id, remembered);
    }
    let isShort = false;
    try {
      // In order, so that the same page of titles asks the same question and can be answered from the reply cache.
      for (const batch of batchesOf(missing.sort((left, right) => left - right))) {
        const clientesPorCodigo = batch.map((id) => ({ codigo_cliente_omie: id }));
        const reading = await omie.readList(
          company,
          listarClientesResumido,
          { clientesPorCodigo },
          { signal, timeoutMs: timeLeft(), pageBudget: PAGES_PER_BATCH },
        );
        for (const row of reading.rows) {
          const id = Number(row.codigo_cliente);
          if (!Number.isSafeInteger(id)) continue;
          const counterparty = {
            name: recordText(row.razao_social) ?? recordText(row.nome_fantasia),
            taxId: recordText(row.cnpj_cpf, 20),
          };
          known.set(`${key}:${id}`, counterparty);
          byId.set(id, counterparty);
        }
        if (!reading.complete && batch.some((id) => !byId.has(id))) isShort = true;
      }
      return { byId, ...(isShort && { warning: SHORT }) };
    } catch (thrown) {
      const failure = toleratedFailure(thrown);
      return { byId, warning: `Nomes de contrapartes indisponíveis: ${failure.message} Os valores não são afetados.` };
    }
  };
}

function* batchesOf(ids: readonly number[]): Generator<readonly number[]> {
  for (let start = 0; start < ids.length; start += BATCH) yield ids.slice(start, start + BATCH);
}
