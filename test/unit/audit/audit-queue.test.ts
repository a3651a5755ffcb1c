import { appendFile, type FileHandle, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { verifyAudit } from '../../../src/audit/verify-audit.ts';
import { aCall, logFolder, openLog } from './open-log.ts';

let folder: { path: string; remove(): Promise<void> };
let path: string;
beforeEach(async () => {
  folder = await logFolder();
  path = folder.path;
});
afterEach(() => folder.remove());

describe('when the process ends', () => {
  it('a slow disk is waited for, also for what is recorded meanwhile', async () => {
    const gates: (() => void)[] = [];
    const sync = () => new Promise<void>((resolve) => void gates.push(resolve));
    const { log, alarms } = await openLog(path, { sync });
    log.record(aCall(1));
    const closed = log.close();
    await vi.waitFor(() => expect(gates).toHaveLength(1), { timeout: 10_000 });
    log.record(aCall(2));
    gates[0]?.();
    await vi.waitFor(() => expect(gates).toHaveLength(2), { timeout: 10_000 });
    gates[1]?.();
    await closed;
    expect(alarms).toEqual([]);
    expect(await verifyAudit({ path })).toMatchObject({ problem: undefined, lines: 2 });
  });

  it('a disk that never answers holds nobody up, and what it kept is counted', async () => {
    const asked: FileHandle[] = [];
    const sync = (handle: FileHandle) => {
      asked.push(handle);
      return new Promise<void>(() => {});
    };
    const { log, alarms } = await openLog(path, { sync, closeMs: 50 });
    for (let number = 0; number < 7; number += 1) log.record(aCall(number));
    await log.close();
    expect(asked).toHaveLength(1);
    expect(alarms).toEqual([{ kind: 'abandoned', lines: 7 }]);
    log.record(aCall(8));
    expect(alarms).toHaveLength(2);
    expect(log.state().lost).toBe(8);
    await asked[0]?.close();
  });

  it('a disk that refuses is asked again, and what it refused is counted', async () => {
    let answers = ['ENOSPC', 'ENOSPC', 'ok'];
    const sync = async () => {
      const answer = answers.shift() ?? 'ENOSPC';
      if (answer !== 'ok') throw Object.assign(new Error(answer), { code: answer });
    };
    const first = await openLog(path, { sync });
    first.log.record(aCall(1));
    await first.log.close();
    expect(first.alarms.map(({ kind }) => kind)).toEqual(['failing', 'recovered']);
    answers = [];
    const second = await openLog(path, { sync });
    second.log.record(aCall(2));
    second.log.record(aCall(3));
    await second.log.close();
    expect(second.alarms).toEqual([
      { kind: 'failing', reason: 'ENOSPC' },
      { kind: 'abandoned', lines: 2 },
    ]);
    // The lock is free again, and the chain whole.
    await (await openLog(path)).log.close();
    expect(await verifyAudit({ path })).toMatchObject({ problem: undefined, lines: 1 });
  });
});

describe('when the disk refuses', () => {
  it('keeps the lines, alarms once, and writes them when it can again', async () => {
    const { log, alarms } = await openLog(path, { flushMs: 10 });
    log.record(aCall(1));
    await log.flush();
    // The folder goes away: nothing can be written, whoever we are.
    await rename(dirname(path), `${dirname(path)}-away`);
    log.record(aCall(2));
    await log.flush();
    log.record(aCall(3));
    await log.flush();
    expect(log.state()).toMatchObject({ status: 'failing', waiting: 2, failures: 2, lost: 0 });
    await rename(`${dirname(path)}-away`, dirname(path));
    await log.flush();
    expect(log.state()).toMatchObject({ status: 'ok', waiting: 0 });
    expect(alarms.map(({ kind }) => kind)).toEqual(['failing', 'recovered']);
    await log.close();
    expect(await verifyAudit({ path })).toMatchObject({ problem: undefined, lines: 3 });
  });

  it('what had to be dropped is counted in the chain', async () => {
    const { log } = await openLog(path);
    await rename(dirname(path), `${dirname(path)}-away`);
    const companies = Array.from({ length: 4_000 }, (_, number) => `empresa_${number}`);
    for (let number = 0; number < 1_000; number += 1) log.record(aCall(number, { companies }));
    const { lost, waiting } = log.state();
    expect(lost).toBeGreaterThan(0);
    expect(lost + waiting).toBe(1_000);
    await rename(`${dirname(path)}-away`, dirname(path));
    await log.flush();
    log.record(aCall(1));
    await log.close();
    const verdict = await verifyAudit({ path });
    expect(verdict).toMatchObject({ problem: undefined, lines: waiting + 2 });
    expect(verdict.warnings.join()).toContain(`${lost} chamada(s)`);
  });

  it('a log that lost its lock and was written to by others is continued behind its last good line', async () => {
    const { log, alarms } = await openLog(path);
    log.record(aCall(1));
    await log.flush();
    // What a write that ran out of room leaves behind, met by the next attempt.
    await appendFile(path, '{"v":1,"seq":2,');
    await writeFile(`${path}.lock`, '');
    log.record(aCall(2));
    await log.close();
    expect(alarms).toMatchObject([{ kind: 'failing' }, { kind: 'abandoned', lines: 1 }]);
    const again = await openLog(path);
    again.log.record(aCall(3));
    await again.log.close();
    expect((await verifyAudit({ path })).problem).toBeUndefined();
  });
});
