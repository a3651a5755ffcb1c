import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { end, leftProcesses } from '../../src/left-processes.ts';
import { statOf } from '../../src/process-stat.ts';

afterEach(() => vi.restoreAllMocks());
/** More than Linux ever gives. */
const NOBODY = '999999999';

describe.skipIf(process.platform !== 'linux')('what Linux tells of a process', () => {
  it('whose it is, and when it began', async () => {
    const own = await statOf('self');
    expect(own).toEqual(await statOf(String(process.pid)));
    expect(own).toMatchObject({ parent: String(process.ppid), start: expect.stringMatching(/^\d+$/) });
    expect(await statOf(NOBODY)).toBe('gone');
  });

  it('one that /proc hides is not gone, and what it started is not left', async () => {
    const child = spawn('sleep', ['60'], { env: { ...process.env, TEST_MARK: `f|${NOBODY}|1` } });
    try {
      const left = async () => [...(await leftProcesses('TEST_MARK', new Set(['f']))).keys()];
      // The environment of a process can be read once it has begun.
      await vi.waitFor(async () => expect(await left()).toEqual([String(child.pid)]), { timeout: 60_000 });
      vi.spyOn(process, 'kill').mockImplementation(() => {
        throw Object.assign(new Error('not yours'), { code: 'EPERM' });
      });
      expect(await statOf(NOBODY)).toBeUndefined();
      expect(await left()).toEqual([]);
    } finally {
      vi.restoreAllMocks();
      child.kill('SIGKILL');
    }
  });

  it('another of the same number is not ended', async () => {
    const child = spawn('sleep', ['60']);
    const ended = once(child, 'exit');
    const pid = String(child.pid);
    const stat = await statOf(pid);
    const start = typeof stat === 'object' ? stat.start : '';
    expect(await end(pid, `${start}0`)).toBe(false);
    expect(await end(pid, start)).toBe(true);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(await end(pid, start)).toBe(false);
  });
});
