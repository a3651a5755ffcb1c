/**
 * The cheapest possible Omie: any call is answered with a page of categories made beforehand, after BENCH_LATENCY_MS.
 * It knows no limits; the simulator does, and tests use that. How many pages a company has stands in its key: `p10-…`.
 * Pages hold 50 rows at most, whatever is asked for, as Omie too caps them in silence.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { omiePage } from '../omie-pages.ts';
import { listen } from './listen.ts';

const LARGEST_PAGE = 50;
const latencyMs = Number(process.env['BENCH_LATENCY_MS'] ?? 0);
const pages = new Map<string, Buffer>();

listen(createServer((req, res) => receive(req, (body) => answer(res, body))));

function receive(req: IncomingMessage, onBody: (body: string) => void): void {
  let body = '';
  req.setEncoding('utf8');
  req.on('data', (chunk: string) => {
    body += chunk;
  });
  req.on('end', () => onBody(body));
}

function answer(res: ServerResponse, body: string): void {
  const bytes = pageFor(body);
  const send = (): void => {
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
    res.end(bytes);
  };
  if (latencyMs === 0) send();
  else setTimeout(send, latencyMs);
}

function pageFor(body: string): Buffer {
  const total = numberAfter(body, /"app_key":"p(\d+)-/);
  const page = numberAfter(body, /"pagina":(\d+)/);
  const size = Math.min(numberAfter(body, /"registros_por_pagina":(\d+)/), LARGEST_PAGE);
  const key = `${page}/${size}/${total}`;
  const known = pages.get(key);
  if (known !== undefined) return known;
  const made = Buffer.from(omiePage(page, size, total));
  pages.set(key, made);
  return made;
}

function numberAfter(body: string, pattern: RegExp): number {
  return Number(pattern.exec(body)?.[1] ?? 1);
}
