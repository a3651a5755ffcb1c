/**
 * The program that stands where a local server's process would: it makes a container, hands its own stdin and stdout to the
 * container's, and ends with it. Started as `node attach-container.js DOCKER_HOST FILE`; the file says
 * what to make, because a command line is everybody's to read.
 */
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { containerJobSchema, containerSpec } from './container-spec.ts';
import { engineAddress } from './engine-address.ts';
import { asBody } from './engine-body.ts';
import { unlessGone, wordsOfEngine } from './engine-problem.ts';
import { type Engine, openEngine } from './open-engine.ts';

/** For a server that stays although its stdin has ended, and nobody is left to end it. */
const FAREWELL_MS = 5_000;

async function run([host = '', file = '']: readonly string[]): Promise<number> {
  const address = engineAddress(host);
  if (address === undefined) throw new Error('DOCKER_HOST');
  const job = containerJobSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const engine = await openEngine(address);
  const stop = new AbortController();
  let id: string | undefined;
  const end = async (): Promise<void> => {
    stop.abort();
    if (id !== undefined) await unlessGone(engine.getContainer(id).remove({ force: true, v: true }));
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void end().catch(() => process.exit(1)));
  ({ id } = await engine.createContainer(asBody(containerSpec(job), stop.signal)));
  try {
    return await converse(engine, id, end);
  } finally {
    // Gone by itself where it ended by itself.
    await end();
  }
}

async function converse(engine: Engine, id: string, end: () => Promise<void>): Promise<number> {
  const container = engine.getContainer(id);
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
  if (!(stream instanceof Socket)) throw new Error('the Engine did not hand over the connection');
  // Asked before it starts: one that ends at once is removed at once.
  const ended = container.wait({ condition: 'next-exit' });
  engine.modem.demuxStream(stream, process.stdout, process.stderr);
  // Whoever reads us may be slower than the container writes.
  stream.on('data', () => {
    if (!process.stdout.writableNeedDrain) return;
    stream.pause();
    process.stdout.once('drain', () => stream.resume());
  });
  const drained = new Promise<void>((resolve) => stream.once('close', resolve));
  stream.on('error', () => {});
  await container.start();
  process.stdin.pipe(stream);
  process.stdin.once('end', () => setTimeout(() => void end().catch(() => {}), FAREWELL_MS).unref());
  const { StatusCode } = await ended;
  await drained;
  return StatusCode;
}

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
    process.stdin.destroy();
  },
  (thrown: unknown) => {
    const words = wordsOfEngine(thrown) ?? (thrown instanceof Error ? thrown.message : 'unknown');
    process.stderr.write(`hub: o contêiner não pôde ser usado: ${words}\n`);
    process.exit(1);
  },
);
