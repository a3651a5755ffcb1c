import { writeFile } from 'node:fs/promises';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slowHeaders } from '../../src/simulator/faults.ts';
import { findPostgres } from '../support/postgres.ts';
import {
  ask,
  type DueDates,
  headers,
  health,
  question,
  type Replica,
  type SharedBench,
  startSharedBench,
  until,
} from '../support/replicas.ts';
import { streamOpened } from '../support/stream-opened.ts';

const bin = await findPostgres();

describe.skipIf(bin === undefined)('three replicas and one database', () => {
  let shared: SharedBench;
  let a: Replica;
  let b: Replica;
  let c: Replica;
  const asked = (company: string, { vencimento_ate }: DueDates): number =>
    shared
      .journal()
      .filter(
        ({ companyId, param }) =>
          companyId === company && JSON.stringify(param).includes(vencimento_ate.split('-').toReversed().join('/')),
      ).length;

  /** Places in flight that last for a while yet. */
  const held = async (): Promise<unknown> => {
    const [row] = await shared.postgres.query(
      "SELECT count(*)::int AS n FROM omie_mcp_hub.calls WHERE held_until > now() + interval '10 s'",
    );
    return row?.['n'];
  };

  beforeAll(async () => {
    shared = await startSharedBench(bin ?? '', { companies: 8, latencyMs: 25 });
    const { bench, start } = shared;
    // A file of its own, so that only its replica sees a change of it.
    const ownFile = `${bench.credentialsFile}.a`;
    await writeFile(ownFile, JSON.stringify(bench.simulator.credentialsFile()), { mode: 0o600 });
    [a, b, c] = await Promise.all([start({ CREDENTIALS_FILE: ownFile }), start(), start()]);
  }, 60_000);
  afterAll(() => shared?.close());

  it('ask Omie one question once, however many ask all of them', async () => {
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => ask([a, b, c][index % 3] ?? a, 'empresa_001', question(1))),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(asked('empresa_001', question(1))).toBe(1);
    const late = await ask(c, 'empresa_001', question(1));
    expect(late.status).toBe(200);
    expect(asked('empresa_001', question(1))).toBe(1);
    const totals = answers.map(({ text }) => JSON.stringify(JSON.parse(text).totais));
    expect(new Set(totals).size).toBe(1);
  });

  it('a reload of one is announced to the clients of the others', async () => {
    const client = new Client({ name: 'test', version: '1.0.0' });
    const announced = new Promise<void>((resolve) => {
      client.setNotificationHandler('notifications/resources/list_changed', () => resolve());
    });
    const stream = streamOpened();
    const options = { requestInit: { headers }, fetch: stream.fetch };
    await client.connect(new StreamableHTTPClientTransport(new URL(`${b.origin}/mcp`), options));
    await stream.opened;
    const response = await fetch(`${a.origin}/tools/reload_credenciais`, { method: 'POST', headers, body: '{}' });
    expect(response.status).toBe(200);
    await announced;
    await client.close();
  });

  it('lose one in the middle of its calls', async () => {
    const { faults } = shared.bench.simulator;
    faults.next('ListarMovimentos', slowHeaders(60_000), { company: 'empresa_008', times: 2 });
    // As many as a method has under way that nobody has seen take more.
    const lost = Array.from({ length: 2 }, (_, index) => ask(a, 'empresa_008', question(index)).catch(() => undefined));
    await until(async () => (await held()) === 2 && faults.pending === 0);
    a.program.kill('SIGKILL');
    await Promise.all(lost);
    // What it held may still run at Omie: nobody else takes those places yet.
    expect(await held()).toBe(2);
    // The others go on at once with everything else.
    expect((await ask(b, 'empresa_007', question(0))).status).toBe(200);
  });

  it('go on without the database, each with its part, say so, and come back', async () => {
    await shared.postgres.stop();
    const answers = await Promise.all([ask(b, 'empresa_002', question(2)), ask(c, 'empresa_003', question(3))]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    for (const replica of [b, c]) {
      await until(async () => (await health(replica)).status === 'degraded');
      expect((await health(replica)).motivo).toMatch(/banco de dados.*1\/3 dos limites/);
      expect(await health(replica, false)).toEqual({ status: 'degraded' });
    }
    await shared.postgres.start();
    for (const replica of [b, c]) await until(async () => (await health(replica)).status === 'ok');
    for (const { program } of [b, c]) {
      expect(program.stderr).toContain('database lost, going on alone');
      expect(program.stderr).not.toContain('only-for-this-test');
    }
    // Told to each other again: a question to both is one question.
    const both = await Promise.all([ask(b, 'empresa_004', question(4)), ask(c, 'empresa_004', question(4))]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(asked('empresa_004', question(4))).toBe(1);
  }, 40_000);

  it('get back what the lost one held, once its leases are over', async () => {
    // Half a minute passes: for the database alone, which is where leases end.
    await shared.postgres.query("UPDATE omie_mcp_hub.calls SET held_until = held_until - interval '31 s'");
    await shared.postgres.query("UPDATE omie_mcp_hub.replies SET expires_at = expires_at - interval '31 s'");
    expect(await held()).toBe(0);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => ask(index % 2 === 0 ? b : c, 'empresa_008', question(index))),
    );
    // Two of these were its own questions.
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  }, 60_000);
});
