import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slowHeaders } from '../../src/simulator/faults.ts';
import { isInstalled } from '../support/installed-tool.ts';
import { modernReader, type Reader, restListReader, restReader, sessionReader, streamReader } from './readers.ts';
import { auth, type ReplicaName, type Replicas, startReplicas } from './replicas.ts';

/** As long as nginx passes over a replica that refused it, and a little more. */
const settleMs = 2_000;

/** Holds a replica in its drain for a while, as a real question to Omie does. Asked on each with other arguments. */
async function slowRead({ bench, ports }: Replicas, name: ReplicaName): Promise<number> {
  bench.simulator.faults.next('ListarMovimentos', slowHeaders(2_000));
  const response = await fetch(`http://127.0.0.1:${ports[name]}/tools/consultar_contas_pagar_empresa`, {
    method: 'POST',
    headers: auth,
    body: JSON.stringify({ company_id: name === 'hub-a' ? 'empresa_002' : 'empresa_003' }),
  });
  await response.arrayBuffer();
  return response.status;
}

describe.skipIf(!isInstalled('nginx', 'nginx-light'))('a rolling restart under load', () => {
  let replicas: Replicas;
  beforeAll(async () => {
    replicas = await startReplicas();
  }, 60_000);
  afterAll(() => replicas.close());

  it('fails no read of any kind of client', { timeout: 240_000 }, async () => {
    const { origin } = replicas.proxy;
    const makers = { modernReader, restReader, restListReader, sessionReader, streamReader };
    const crowd = Object.entries(makers).flatMap(([kind, make]) =>
      Array.from({ length: 4 }, () => ({ kind, reader: make(origin) })),
    );
    const failures: string[] = [];
    const reads: Record<string, number> = {};
    let stopped = false;
    const readOn = async ({ kind, reader }: { kind: string; reader: Reader }): Promise<void> => {
      while (!stopped) {
        await reader.read().then(
          () => {
            reads[kind] = (reads[kind] ?? 0) + 1;
          },
          (error: unknown) => failures.push(`${kind}: ${error}`),
        );
        // 20 readers, 80 reads a second: within what nginx allows one token, however fast the machine is.
        await sleep(250);
      }
    };
    const load = Promise.all(crowd.map(readOn));
    await sleep(1_000);
    for (const name of ['hub-a', 'hub-b'] as const) {
      const slow = slowRead(replicas, name);
      await expect.poll(() => replicas.bench.simulator.faults.pending, { timeout: 10_000 }).toBe(0);
      expect(await replicas.stop(name)).toBe(0);
      expect(await slow, 'what was in flight when the stop came').toBe(200);
      await sleep(300);
      await replicas.start(name);
      await sleep(settleMs);
    }
    stopped = true;
    await load;
    for (const { reader } of crowd) reader.close();

    expect(failures).toEqual([]);
    for (const kind of Object.keys(makers)) expect(reads[kind], kind).toBeGreaterThan(60);
    const renewals = (kind: string) => crowd.filter((one) => one.kind === kind).map(({ reader }) => reader.renewals);
    // Both replicas went away once, so every session had to move once at least.
    for (const kind of ['sessionReader', 'streamReader']) expect(Math.min(...renewals(kind)), kind).toBeGreaterThan(0);
  });
});
