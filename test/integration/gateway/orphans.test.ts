// What a killed gateway left running is ended by the next one of the same file, and nothing else is.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { endOrphans, orphanMark } from '../../../src/gateway/links/orphans.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { startHouse } from '../../support/house.ts';
import { startBench } from '../../support/program.ts';
import { isAlive, script } from '../../support/upstreams.ts';

const open = closeAfterEach();
const OURS = join(tmpdir(), 'ours', 'gateway.yaml');
const PATIENCE = { timeout: 60_000, interval: 50 };

/** As if the gateway of this process had been another one of the same number, which began at another time. */
const dead = (mark: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(mark).map(([name, value]) => [name, value.replace(/\d+$/, '1')]));

/** Says the numbers of the processes that it is, and never ends. */
const LEADER = `
  const { spawn } = require('node:child_process');
  const idle = (stdio, detached) => spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio, detached }).pid;
  const companion = idle('ignore', false);
  const daemon = idle('ignore', true);
  const fed = idle(['pipe', 'ignore', 'ignore'], true);
  const helper = idle('pipe', true);
  console.log(JSON.stringify({ leader: process.pid, companion, daemon, fed, helper }));
  setInterval(() => {}, 1e6);`;
/** Starts the other one in its own session, with its own pipes and with this mark, and then goes on or ends. */
const behind = (mark: Record<string, string>, then: string): string => `
  const env = ${JSON.stringify(mark)};
  require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(LEADER)}], { env, stdio: 'inherit' });
  ${then}`;

interface Started {
  readonly child: ChildProcess;
  readonly pids: Readonly<Record<string, number>>;
}

async function start(env: Record<string, string>, program = LEADER): Promise<Started> {
  const child = spawn(process.execPath, ['-e', program], { env, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  const [line] = await once(child.stdout, 'data');
  const pids: Record<string, number> = JSON.parse(String(line));
  open.push(async () => {
    for (const pid of [child.pid, ...Object.values(pids)])
      if (pid !== undefined && isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  return { child, pids };
}
const alive = ({ pids }: Started): string[] =>
  Object.entries(pids).flatMap(([name, pid]) => (isAlive(pid) ? [name] : []));
const ALL = ['leader', 'companion', 'daemon', 'fed', 'helper'];

describe.skipIf(process.platform !== 'linux')('of what carries a mark', () => {
  it('only what a dead gateway of this file spoke with is ended, and what is in its session', async () => {
    const mark = await orphanMark(OURS);
    const left = await start(dead(mark));
    const others = await Promise.all([
      start(mark),
      start(dead(await orphanMark(join(tmpdir(), 'theirs', 'gateway.yaml')))),
      start({}, behind(dead(mark), 'setInterval(() => {}, 1e6)')),
      start({ OMIE_MCP_HUB_GATEWAY: 'x' }),
      start({}),
    ]);
    expect(await endOrphans(OURS)).toBe(2);
    // What it had put into sessions of their own goes on, spoken with or not.
    await vi.waitFor(() => expect(alive(left)).toEqual(['daemon', 'fed', 'helper']), PATIENCE);
    expect(others.map(alive)).toEqual(others.map(() => ALL));
    // Who spoke with the helper is gone by now: nothing tells that it was not the gateway.
    expect(await endOrphans(OURS)).toBe(1);
    await vi.waitFor(() => expect(alive(left)).toEqual(['daemon', 'fed']), PATIENCE);
    expect(await endOrphans(OURS)).toBe(0);
    expect(others.map(alive)).toEqual(others.map(() => ALL));
  });

  it('what is still spoken with is ended when the first of its session has gone by itself', async () => {
    const mark = dead(await orphanMark(OURS));
    const left = await start(mark, behind(mark, 'process.exit()'));
    await vi.waitFor(() => expect(isAlive(left.child.pid ?? 0)).toBe(false), PATIENCE);
    expect(await endOrphans(OURS)).toBe(2);
    await vi.waitFor(() => expect(alive(left)).toEqual(['daemon', 'fed', 'helper']), PATIENCE);
  });

  it('nothing tells the path of the file', async () => {
    expect(Object.values(await orphanMark(OURS))).toEqual([expect.stringMatching(/^[0-9a-f]{32}\|\d+\|\d+$/)]);
  });
});

/** Does not heed the end of its stdin; `pid` tells which process it is. */
const DEAF = script(`
  setInterval(() => {}, 1e6);
  hear((m) => { if (m.method === 'initialize')
      say({ id: m.id, result: { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } } });
    else if (greet(m)) return;
    else if (m.method === 'tools/list') say({ id: m.id, result: { tools: [{ name: 'pid', inputSchema: { type: 'object' } }] } });
    else if (m.method === 'tools/call') say({ id: m.id, result: { content: [{ type: 'text', text: String(process.pid) }] } }); });`);

it.skipIf(process.platform !== 'linux')(
  'a program that does not heed the end of its input outlives a killed gateway until the next of its file, which touches no other',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gateway-'));
    const file = (name: string): string => {
      const path = join(folder, name);
      writeFileSync(
        path,
        JSON.stringify({ mcp_servers: { deaf: { ...DEAF, domains: ['deaf'], connect_timeout: 60 } } }),
      );
      return path;
    };
    const [ours, theirs] = [file('ours.yaml'), file('theirs.yaml')];
    const pidAt = async (origin: string): Promise<number> => {
      const answer = await fetch(new URL('/tools/deaf__pid', origin), { method: 'POST', body: '{}' });
      return Number(/"text":"(\d+)"/.exec(await answer.text())?.[1]);
    };
    const house = async (GATEWAY_CONFIG: string) => {
      const started = await startHouse({ variables: { GATEWAY_CONFIG, MCP_LOG_LEVEL: 'warn' } });
      open.push(() => started.close());
      return started;
    };
    const bench = await startBench();
    open.push(() => bench.close());
    const killed = bench.run(['serve', '--transports', 'http'], { GATEWAY_CONFIG: ours });
    const orphan = await pidAt(`http://127.0.0.1:${await killed.port()}`);
    open.push(async () => isAlive(orphan) && process.kill(orphan, 'SIGKILL'));
    const sameFile = await house(ours);
    const living = await pidAt(sameFile.origin);
    killed.kill('SIGKILL');
    await killed.exit();
    await house(theirs);
    expect([orphan, living].map(isAlive)).toEqual([true, true]);
    const next = await house(ours);
    await vi.waitFor(() => expect(isAlive(orphan)).toBe(false), PATIENCE);
    expect(next.log.join('\n')).toContain('programs of a gateway that was killed were ended');
    expect(await pidAt(sameFile.origin)).toBe(living);
    expect(await pidAt(next.origin)).not.toBe(living);
  },
  180_000,
);
