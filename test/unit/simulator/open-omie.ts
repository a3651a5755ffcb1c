/** A simulator for one test: frozen clock, closed when the test ends, and a desk to post calls at. */
import { onTestFinished } from 'vitest';
import { serviceOf } from '../../../src/simulator/calls/catalog.ts';
import { createClock } from '../../../src/simulator/clock.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/server.ts';

/** A Friday afternoon in São Paulo. */
export const TODAY = '2026-11-20T15:00:00-03:00';

// biome-ignore lint/suspicious/noExplicitAny: the wire has no types on this side; tests read the fields they are about.
export type Answer = any;

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** Parsed JSON; tests read what they need from it. */
  body: Answer;
}

export interface PostOptions {
  /** Index of the company that asks. */
  company?: number;
  service?: string;
  appKey?: string;
  appSecret?: string;
  signal?: AbortSignal;
}

export interface Desk {
  omie: Simulator;
  post(call: string, param?: object, options?: PostOptions): Promise<Reply>;
  /** All pages of a list. */
  list(call: string, listKey: string, param?: object, options?: PostOptions): Promise<Answer[]>;
}

/** Without limits unless asked: most tests ask about data, not about rates. */
export async function openOmie(options: SimulatorOptions = {}): Promise<Desk> {
  const omie = await startSimulator({ clock: createClock({ at: TODAY, frozen: true }), limits: false, ...options });
  onTestFinished(() => omie.close());

  const post: Desk['post'] = async (call, param = {}, { company = 0, service, appKey, appSecret, signal } = {}) => {
    const profile = omie.companies[company]!;
    const envelope = {
      call,
      app_key: appKey ?? profile.appKey,
      app_secret: appSecret ?? profile.appSecret,
      param: [param],
    };
    return send(`${omie.url}${service ?? serviceOf.get(call)}/`, JSON.stringify(envelope), signal);
  };
  const list: Desk['list'] = async (call, listKey, param = {}, options = {}) => {
    const snake = !/Movimentos|PesquisarLancamentos|LancCC|Pix/.test(call);
    const rows: Answer[] = [];
    for (let page = 1; ; page += 1) {
      const paging = snake ? { pagina: page, registros_por_pagina: 100 } : { nPagina: page, nRegPorPagina: 200 };
      const { body } = await post(call, { ...param, ...paging }, options);
      if (body.faultstring?.includes('Não existem registros')) return rows;
      if (body.faultstring) throw new Error(body.faultstring);
      rows.push(...body[listKey]);
      if (page >= (body.total_de_paginas ?? body.nTotPaginas)) return rows;
    }
  };
  return { omie, post, list };
}

export async function send(url: string, body: string, signal?: AbortSignal): Promise<Reply> {
  const response = await fetch(url, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
    redirect: 'manual',
    ...(signal && { signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parsed(text) };
}

function parsed(text: string): Answer {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
