import { spawnSync } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { batchedLines } from '../../../src/logging/batched-lines.ts';

describe('batched lines', () => {
  it('are written in their order, once a turn', async () => {
    const before = process.listeners('exit');
    onTestFinished(() => {
      for (const one of process.listeners('exit')) if (!before.includes(one)) process.off('exit', one);
    });
    const writes: string[] = [];
    const log = batchedLines((lines) => writes.push(lines));
    log('1\n');
    log('2\n');
    expect(writes).toEqual([]);
    await turn();
    expect(writes).toEqual(['1\n2\n']);
    log('3\n');
    await turn();
    await turn();
    expect(writes).toEqual(['1\n2\n', '3\n']);
  });

  it.each(['process.exit(3)', 'throw new Error("broken")'])('are not lost by %s', (end) => {
    const module = fileURLToPath(new URL('../../../src/logging/batched-lines.ts', import.meta.url));
    const script = `
      const { batchedLines } = await import(${JSON.stringify(module)});
      batchedLines((lines) => process.stderr.write(lines))('the last words\\n');
      ${end}`;
    const run = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    expect(run.stderr).toContain('the last words\n');
  });
});
