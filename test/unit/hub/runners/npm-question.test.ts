import { spawn } from 'node:child_process';
import { once } from 'node:events';
import promises, { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { askNpm, questionsLeft, sweepQuestions } from '../../../../src/hub/runners/npm-question.ts';
import { endOrphans, MARK } from '../../../../src/hub/runners/orphans.ts';
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

/** While this runs no folder with this in its name can be removed; not even root has a file system that refuses at will. */
async function stuck(name: string, run: () => Promise<unknown>): Promise<void> {
  const { rm: real } = promises;
  const spy = vi.spyOn(promises, 'rm').mockImplementation(async (path, options) => {
    if (String(path).includes(name)) throw new Error('ENOTEMPTY');
    return real(path, options);
  });
  syncBuiltinESMExports();
  try {
    await run();
    expect(spy).toHaveBeenCalled();
  } finally {
    spy.mockRestore();
    syncBuiltinESMExports();
  }
}

it.skipIf(process.platform === 'win32')(
  'no answer is lost over a folder that cannot go, and no other is left',
  async () => {
    const data = join(root, 'data');
    await stuck('npm-question-', async () => {
      expect(await ask('echo yes', new AbortController().signal)).toEqual({ exitCode: 0, stdout: 'yes' });
    });
    expect(await readdir(data)).toEqual([expect.stringMatching(/^npm-question-[0-9a-f-]{36}$/)]);
    for (const name of ['npm-question-#', 'npm-question-z']) await mkdir(join(data, name));
    await stuck('npm-question-#', () => sweepQuestions(data));
    expect(await readdir(data)).toEqual(['npm-question-#']);
  },
);

it.skipIf(process.platform !== 'linux')('an npm that outlives its hub is ended by the next one', async () => {
  const data = join(root, 'data');
  const { stdout } = await ask(`echo "$${MARK}"; basename "$npm_config_cache"`, new AbortController().signal);
  const [mark = '', folder = ''] = stdout.split('\n');
  const [family, , start] = mark.split('|');
  expect([family, start]).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^\d+$/)]);
  // As of a hub that had this number before.
  const orphan = spawn('sleep', ['60'], { env: { PATH: process.env['PATH'], [MARK]: `${family}|${process.pid}|1` } });
  const ended = once(orphan, 'exit');
  expect(await endOrphans(data, await questionsLeft(data))).toBe(0);
  await mkdir(join(data, folder));
  await vi.waitFor(async () => expect(await endOrphans(data, await questionsLeft(data))).toBe(1), { timeout: 10_000 });
  expect(await ended).toEqual([null, 'SIGKILL']);
});
