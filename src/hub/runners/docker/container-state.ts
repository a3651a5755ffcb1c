import { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { z } from 'zod';
import { HubError } from '../../problem.ts';
import { engineProblem, statusOf } from './engine-problem.ts';
import type { Engine } from './open-engine.ts';

const binding = z.looseObject({ HostIp: z.string(), HostPort: z.string().regex(/^\d+$/) });
const inspected = z.looseObject({
  State: z.looseObject({ Running: z.boolean(), OOMKilled: z.boolean().optional(), ExitCode: z.number() }),
  NetworkSettings: z.looseObject({ Ports: z.record(z.string(), z.array(binding).nullish()).nullish() }),
});

export const GONE = 'o contêiner não existe mais';

/** Why it does not run, Portuguese; undefined while it does. @throws HubError */
export async function containerProblem(engine: Engine, id: string): Promise<string | undefined> {
  const state = await stateOf(engine, id);
  if (state === undefined) return GONE;
  const { Running, OOMKilled, ExitCode } = state.State;
  if (Running) return undefined;
  return OOMKilled === true
    ? 'o contêiner passou do limite de memória (HUB_DOCKER_MEMORY_MB)'
    : `o contêiner terminou com o código ${ExitCode}`;
}

/** The port of this machine that leads to the container's. @throws HubError */
export async function hostPort(engine: Engine, id: string, port: number): Promise<number> {
  const ports = (await stateOf(engine, id))?.NetworkSettings.Ports?.[`${port}/tcp`];
  const found = ports?.find(({ HostIp }) => HostIp === '127.0.0.1');
  if (found !== undefined) return Number(found.HostPort);
  throw new HubError('fonte_indisponivel', `O contêiner não abriu a porta ${port}: pode ter terminado logo.`, {
    hint: 'Veja os logs dele.',
  });
}

/** Its last lines, each after the time it was printed at. @throws HubError */
export async function containerLogs(engine: Engine, id: string, limit: number): Promise<readonly string[]> {
  try {
    const options = { stdout: true, stderr: true, timestamps: true, tail: limit, follow: false } as const;
    const bytes = await engine.getContainer(id).logs(options);
    const text: Buffer[] = [];
    const all = new Writable({
      write(chunk: Buffer, _, done) {
        text.push(chunk);
        done();
      },
    });
    const frames = Readable.from([bytes]);
    engine.modem.demuxStream(frames, all, all);
    await finished(frames);
    const lines = Buffer.concat(text).toString('utf8').split('\n');
    return lines.map((line) => line.trim()).filter((line) => line !== '');
  } catch (thrown) {
    if (statusOf(thrown) === 404) return [];
    throw engineProblem(thrown, 'ler os logs do contêiner');
  }
}

async function stateOf(engine: Engine, id: string): Promise<z.output<typeof inspected> | undefined> {
  try {
    return inspected.parse(await engine.getContainer(id).inspect());
  } catch (thrown) {
    if (statusOf(thrown) === 404) return undefined;
    throw engineProblem(thrown, 'olhar o contêiner');
  }
}
