/** Two built servers behind nginx, as docker-compose.yml starts them, and Omie's simulator behind those. */
import type { SimulatorOptions } from '../../src/simulator/server.ts';
import { type Bench, type Program, startBench } from '../support/program.ts';
import { freePort, type RunningProxy, startProxy } from './proxy.ts';

export const token = 'token-of-this-test-only';
export const auth = { authorization: `Bearer ${token}` };
export type ReplicaName = 'hub-a' | 'hub-b';

export interface Replicas {
  readonly bench: Bench;
  readonly proxy: RunningProxy;
  readonly ports: Readonly<Record<ReplicaName, number>>;
  /** Starts a replica anew on its port; resolves once it listens. */
  start(name: ReplicaName): Promise<void>;
  /** SIGTERM, as an operator's restart sends it, or worse. Resolves when the process is gone, with its exit code. */
  stop(name: ReplicaName, signal?: NodeJS.Signals): Promise<number | null>;
  close(): Promise<void>;
}

export async function startReplicas(options: SimulatorOptions = {}): Promise<Replicas> {
  const bench = await startBench(options);
  const ports = { 'hub-a': await freePort(), 'hub-b': await freePort() };
  const programs = new Map<ReplicaName, Program>();
  const start = async (name: ReplicaName): Promise<void> => {
    const program = bench.run(['serve', '--transports', 'sse,http'], {
      MCP_REPLICA_NAME: name,
      MCP_AUTH_TOKEN: token,
      MCP_PORT: String(ports[name]),
      MCP_TRUST_PROXY: '127.0.0.1',
    });
    programs.set(name, program);
    await program.port();
  };
  await Promise.all([start('hub-a'), start('hub-b')]);
  const proxy = await startProxy({ hubA: ports['hub-a'], hubB: ports['hub-b'] });
  return {
    bench,
    proxy,
    ports,
    start,
    async stop(name, signal = 'SIGTERM') {
      const program = programs.get(name);
      if (program === undefined) throw new Error(`${name} does not run`);
      program.kill(signal);
      return (await program.exit()).code;
    },
    async close() {
      await proxy.stop();
      await bench.close();
    },
  };
}
