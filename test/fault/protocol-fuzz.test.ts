import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fullAccess } from '../../src/companies/principal.ts';
import { Random } from '../../src/simulator/random.ts';
import { createMcpEndpoints } from '../../src/transports/mcp-endpoints.ts';
import { RawConnection, type RawReply } from '../integration/edge/raw-connection.ts';
import { call, initialize, JSON_HEADERS, openSession } from '../integration/transports/raw-http.ts';
import { SampleCatalog } from '../integration/transports/sample-catalog.ts';
import { startHouse, type TestHouse } from '../support/house.ts';
import { type KnownMessage, legacyMessages, modernMessages } from './fuzz-messages.ts';
import { type FuzzInput, mutate } from './mutate-message.ts';

/** Per door; minutes have to be enough in CI. `FUZZ_INPUTS=200000 FUZZ_SEED=7 npx vitest run test/fault/protocol-fuzz.test.ts` for a longer night. */
const inputs = Number(process.env['FUZZ_INPUTS'] ?? 5_000);
const seed = process.env['FUZZ_SEED'] ?? String(Math.floor(Math.random() * 1e9));
const connections = 16;
const timeoutMs = 240_000 + inputs * 10;

/** What only a defect of ours, or a look inside, would show. */
const defect = /"code":-32603|erro_interno|node_modules|\.[cm]?[jt]s:\d+|\bat [\w.<>]+ \(|Unexpected token/;

let house: TestHouse;
let port: number;
beforeAll(async () => {
  house = await startHouse({ variables: { MCP_LOG_LEVEL: 'error' } });
  port = Number(new URL(house.origin).port);
});
afterAll(() => house.close());

function judge(reply: RawReply, { headers, body }: FuzzInput, sample: string): void {
  const about = `seed ${sample}: ${JSON.stringify(headers)} ${body.toString('latin1').slice(0, 300)} → ${reply.status}`;
  // 503 only as the gauge of load says it, with the time to come back.
  const fine = (reply.status >= 200 && reply.status < 500) || (reply.status === 503 && /retry-after/.test(reply.head));
  expect(fine, `${about} ${reply.body}`).toBe(true);
  expect(reply.body, about).not.toMatch(defect);
  if (reply.head.includes('content-type: application/json')) expect(() => JSON.parse(reply.body), about).not.toThrow();
}

/** Sends spoilt messages over several connections; after every thousand a good one must still be answered well. */
async function fuzz(
  name: string,
  messages: readonly KnownMessage[],
  { path, headers }: { path: string; headers: Readonly<Record<string, string>> },
): Promise<void> {
  let sent = 0;
  const worker = async (number: number): Promise<void> => {
    const sample = `${seed}/${name}/${number}`;
    const random = new Random(sample);
    const connection = new RawConnection(port);
    while (sent < inputs) {
      sent += 1;
      const known = random.pick(messages);
      const input = mutate(random, known.message, { ...JSON_HEADERS, ...headers, ...known.headers });
      judge(await connection.ask('POST', path, input.headers, input.body), input, sample);
      if (sent % 1_000 === 0) await expectAlive();
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: connections }, (_, number) => worker(number)));
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('isAdmin');
  expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
  // The port is told at every level.
  expect(house.log.filter((line) => !line.includes('"msg":"listening"'))).toEqual([]);
}

async function expectAlive(): Promise<void> {
  const { status, body } = await house.post('listar_empresas', {});
  expect([status, body.total]).toEqual([200, 3]);
}

it('POST /mcp with a session', { timeout: timeoutMs }, async () => {
  const session = await openSession(house.origin, {}, '2025-03-26');
  await fuzz('legacy', legacyMessages(), { path: '/mcp', headers: session });
});

it('POST /mcp of 2026-07-28', { timeout: timeoutMs }, async () => {
  await fuzz('modern', modernMessages(), { path: '/mcp', headers: {} });
});

it('POST /messages, and what comes back on the stream', { timeout: timeoutMs }, async () => {
  const stream = await fetch(`${house.origin}/sse`);
  const events = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
  let received = String((await events?.read())?.value);
  const path = /data: (\S+)/.exec(received)?.[1] ?? '';
  const reading = (async () => {
    for (let part = await events?.read(); part?.done === false; part = await events?.read()) {
      received = `${received.slice(-200)}${part.value}`;
      expect(received).not.toMatch(defect);
    }
  })();
  await fuzz('sse', legacyMessages(), { path, headers: {} });
  await events?.cancel();
  await reading;
});

it('POST /tools/{name}', { timeout: timeoutMs }, async () => {
  const messages = [{ company_id: 'empresa_001', pagina: 1, registros_por_pagina: 50, tipo: 'receita' }];
  const known = messages.map((message) => ({ message, headers: {} }));
  await fuzz('rest', known, { path: '/tools/consultar_categorias_empresa', headers: {} });
});

it('lines of stdio', { timeout: timeoutMs }, async () => {
  const endpoints = createMcpEndpoints({ catalog: new SampleCatalog() });
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const answers: string[] = [];
  let rest = '';
  stdout.on('data', (chunk) => {
    const lines = `${rest}${String(chunk)}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
      expect(line).not.toMatch(defect);
      if (line.includes('"good-')) answers.push(line);
    }
  });
  endpoints.stdio.serve(fullAccess('local'), { stdin, stdout, onClose: () => {} });
  stdin.write(`${JSON.stringify(initialize('2025-06-18'))}\n`);
  const random = new Random(`${seed}/stdio`);
  const messages = [...legacyMessages(), ...modernMessages()];
  for (let sent = 1; sent <= inputs; sent += 1) {
    const { body } = mutate(random, random.pick(messages).message, {});
    stdin.write(`${body.toString('latin1')}\n`);
    if (sent % 1_000 !== 0) continue;
    stdin.write(`${JSON.stringify(call(`good-${sent}`, 'echo', { nonce: sent }))}\n`);
    await expect.poll(() => answers.at(-1), { timeout: 10_000 }).toContain(`"nonce":${sent}`);
  }
  // Whatever was asked has been answered: nothing holds a place for ever.
  expect(endpoints.stats().inFlight).toBe(0);
  await endpoints.close({ drainMs: 0 });
});
