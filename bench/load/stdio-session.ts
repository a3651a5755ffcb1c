import { spawn } from 'node:child_process';
import { parseMessage } from './check-answer.ts';
import type { CheckedLoadSpec } from './load-spec.ts';
import { initialize, initialized } from './messages.ts';
import { nextId, PendingAnswers, type Session } from './session.ts';

/** A server of its own for each session, one message a line. */
export async function openStdioSession(spec: CheckedLoadSpec): Promise<Session> {
  const [program = '', ...args] = spec.command;
  const server = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env: spec.env });
  const pending = new PendingAnswers();
  server.stdout.on(
    'data',
    createLineReader((line) => pending.take(line)),
  );

  const send = (body: string, id: number): Promise<string> => {
    const answer = pending.answerTo(id);
    server.stdin.write(`${body}\n`);
    return answer;
  };
  const id = nextId();
  if (parseMessage(await send(initialize(id), id))?.['result'] === undefined) throw new Error('initialize was refused');
  server.stdin.write(`${initialized}\n`);
  return {
    serverPid: server.pid,
    senders: Array.from({ length: spec.inFlight }, () => send),
    close: () => server.kill('SIGKILL'),
  };
}

/** Lines out of chunks; a long answer comes in many, so they are joined once and not at every chunk. */
export function createLineReader(onLine: (line: string) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString();
      parts = [];
      start = end + 1;
      if (line !== '') onLine(line);
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
  };
}
