/** Spawns stdio servers in turn and times each until its tools/list is answered; prints the times, in ms, a list each. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { z } from 'zod';
import { isFields, parseMessage } from './check-answer.ts';
import { initialize, initialized } from './messages.ts';
import { createLineReader } from './stdio-session.ts';

const planSchema = z.object({
  rounds: z.number().int(),
  contenders: z.array(z.object({ command: z.array(z.string()), env: z.record(z.string(), z.string()) })),
});
const listTools = '{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}';
const ANSWER_TIMEOUT_MS = 15_000;

const plan = planSchema.parse(JSON.parse(process.argv[2] ?? ''));
const times: number[][] = plan.contenders.map(() => []);
// The first round only brings the files into memory.
for (let round = 0; round <= plan.rounds; round += 1) {
  for (const [index, contender] of plan.contenders.entries()) {
    const ms = await timeToList(contender.command, contender.env);
    if (round > 0) times[index]?.push(ms);
  }
}
process.stdout.write(`${JSON.stringify(times)}\n`);

async function timeToList(command: readonly string[], env: Record<string, string>): Promise<number> {
  const [program = '', ...args] = command;
  const startedAt = performance.now();
  const server = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const answered = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no tools/list from ${command.join(' ')}`)), ANSWER_TIMEOUT_MS);
    const onLine = (line: string): void => {
      const message = parseMessage(line);
      if (message?.['id'] === 1) server.stdin.write(`${initialized}\n${listTools}\n`);
      if (message?.['id'] !== 2) return;
      clearTimeout(timer);
      if (isFields(message['result']) && Array.isArray(message['result']['tools'])) resolve();
      else reject(new Error(`tools/list: ${line.slice(0, 200)}`));
    };
    server.stdout.on('data', createLineReader(onLine));
  });
  server.stdin.write(`${initialize(1)}\n`);
  await answered;
  const ms = performance.now() - startedAt;
  server.kill('SIGKILL');
  await once(server, 'close');
  return ms;
}
