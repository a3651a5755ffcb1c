import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { askNpm, sweepQuestions } from '../../../../src/hub/runners/npm-question.ts';
import { silent } from '../../../support/upstreams.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-question-'));
  await mkdir(join(root, 'data'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A program in the place of npm. */
const ask = async (program: string, signal: AbortSignal) => {
  await writeFile(join(root, 'npm'), `#!/bin/sh\n${program}\n`);
  await chmod(join(root, 'npm'), 0o755);
  const env = { PATH: `${root}:${process.env['PATH']}`, npm_config_cache: 'of-the-operator' };
  return askNpm(['view'], { cwd: join(root, 'data'), env, logger: silent, signal });
};

it.skipIf(process.platform === 'win32')('what npm remembers of a question goes with the answer', async () => {
  const { exitCode, stdout } = await ask(
    'echo x > "$npm_config_cache/remembered"; echo "$npm_config_cache"',
    new AbortController().signal,
  );
  expect([exitCode, stdout.startsWith(join(root, 'data'))]).toEqual([0, true]);
  expect(await readdir(join(root, 'data'))).toEqual([]);
});

it.skipIf(process.platform === 'win32')('and with a question that is given up', async () => {
  const abort = new AbortController();
  const asked = ask('echo x > "$npm_config_cache/remembered"; exec sleep 60', abort.signal);
  await vi.waitFor(
    async () => {
      const [folder = ''] = await readdir(join(root, 'data'));
      expect(await readdir(join(root, 'data', folder))).toEqual(['remembered']);
    },
    { timeout: 10_000 },
  );
  // Nor does a sweep take it from one that is still asked.
  await mkdir(join(root, 'data/npm-question-of-a-hub-that-was-killed/x'), { recursive: true });
  await mkdir(join(root, 'data/servers'));
  await sweepQuestions(join(root, 'data'));
  expect(await readdir(join(root, 'data'))).toEqual([expect.stringMatching(/^npm-question-[0-9a-f-]{36}$/), 'servers']);
  abort.abort();
  await expect(asked).rejects.toThrow(/abort/);
  expect(await readdir(join(root, 'data'))).toEqual(['servers']);
});
