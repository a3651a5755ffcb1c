import { mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { withFileLock } from '../../../src/files/file-lock.ts';

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'lock-')), 'file');
});

/** As a process that died leaves it. */
function leaveBehind(name: string): void {
  writeFileSync(name, 'dead');
  utimesSync(name, 0, 0);
}

it('lets one in at a time over a lock that was left behind, however many find it so', async () => {
  for (let round = 0; round < 8; round += 1) {
    leaveBehind(`${path}.lock`);
    let inside = 0;
    let most = 0;
    const edit = async (_: unknown, at: number) => {
      // Not all come at once.
      for (let wait = 0; wait < at; wait += 1) await turn();
      await withFileLock(path, async () => {
        inside += 1;
        most = Math.max(most, inside);
        for (let wait = 0; wait < 20; wait += 1) await turn();
        inside -= 1;
      });
    };
    await Promise.all(Array.from({ length: 16 }, edit));
    expect(most).toBe(1);
    expect(readdirSync(dirname(path))).toEqual([]);
  }
}, 60_000);

it('leaves a lock alone that another took while its owner was thought dead', async () => {
  await withFileLock(path, async () => writeFileSync(`${path}.lock`, 'another'));
  expect(readFileSync(`${path}.lock`, 'utf8')).toBe('another');
});
