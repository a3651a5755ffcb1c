import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { verifyAudit } from '../../../src/audit/verify-audit.ts';
import { Secret } from '../../../src/logging/secret.ts';
import { aCall, logFolder, openLog } from './open-log.ts';

let folder: { path: string; remove(): Promise<void> };
let path: string;
beforeEach(async () => {
  folder = await logFolder();
  path = folder.path;
});
afterEach(() => folder.remove());

async function write(calls: number, options: Parameters<typeof openLog>[1] = {}): Promise<void> {
  const { log } = await openLog(path, options);
  for (let number = 1; number <= calls; number += 1) {
    log.record(aCall(number));
    if (number % 5 === 0) await log.flush();
  }
  await log.close();
}

it('old files may be archived when the hash they end with is given', async () => {
  await write(40, { maxBytes: 3_000 });
  const archive = join(dirname(path), 'archive');
  await mkdir(archive);
  await rename(`${path}.000001`, join(archive, 'audit.jsonl'));
  const archived = await verifyAudit({ path: join(archive, 'audit.jsonl') });
  expect(archived.problem).toMatch(/âncora não existe/);
  expect((await verifyAudit({ path })).problem).toMatch(/esperava a linha de número 1 e/);
  expect((await verifyAudit({ path, after: archived.end.hash })).problem).toBeUndefined();
  expect((await verifyAudit({ path, after: 'f'.repeat(64) })).problem).toMatch(/foi alterada/);
  // The archived part can be judged by a hash of its own.
  expect((await verifyAudit({ path: join(archive, 'audit.jsonl'), head: archived.end.hash })).problem).toBeUndefined();
});

it('without its key a log is not taken for good, unless a hash kept elsewhere vouches for it; nor is it continued', async () => {
  await write(3);
  const { end } = await verifyAudit({ path });
  await rm(`${path}.key`);
  expect((await verifyAudit({ path })).problem).toMatch(/sem a chave/);
  const vouched = await verifyAudit({ path, head: end.hash });
  expect(vouched).toMatchObject({ problem: undefined, warnings: [expect.stringMatching(/sem a chave/)] });
  expect((await verifyAudit({ path, key: new Secret('outra-chave-qualquer') })).problem).toMatch(/assinatura/);
  await expect(openLog(path)).rejects.toThrow(/falta a chave/);
  expect(existsSync(`${path}.key`)).toBe(false);
});

it('a log is a file', async () => {
  await expect(openLog('/dev/null')).rejects.toThrow(/não é um arquivo comum/);
  expect(existsSync('/dev/null.key')).toBe(false);
});

it('a log whose files are gone is not an empty log', async () => {
  await write(3);
  await rm(path);
  expect((await verifyAudit({ path })).problem).toMatch(
    /faltam linhas no fim: o log acaba na linha 0 e a âncora está na 3/,
  );
  await rm(`${path}.head`);
  expect((await verifyAudit({ path })).problem).toMatch(/não existe/);
});

it('can be checked while it is written', async () => {
  const { log } = await openLog(path, { flushMs: 1, maxBytes: 20_000 });
  for (let round = 0; round < 30; round += 1) {
    // Half of the time the log is just being written, and now and then set aside.
    for (let number = 0; number < 20; number += 1) log.record(aCall(number));
    expect((await verifyAudit({ path })).problem).toBeUndefined();
  }
  await log.close();
  expect(await verifyAudit({ path })).toMatchObject({ problem: undefined, lines: 600 });
});
