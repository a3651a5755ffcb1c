import { spawn } from 'node:child_process';
import { appendFile, mkdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rotatedFiles } from '../../../src/audit/audit-files.ts';
import { auditLine, type ChainEnd, callLine, emptyChain, lineHash } from '../../../src/audit/audit-line.ts';
import { verifyAudit } from '../../../src/audit/verify-audit.ts';
import { ConfigurationError } from '../../../src/errors.ts';
import { Secret } from '../../../src/logging/secret.ts';
import { aCall, logFolder, openLog } from './open-log.ts';

let folder: { path: string; remove(): Promise<void> };
let path: string;
beforeEach(async () => {
  folder = await logFolder();
  path = folder.path;
});
afterEach(() => folder.remove());

const lines = async (file = path): Promise<string[]> => (await readFile(file, 'utf8')).split('\n').slice(0, -1);

describe('the lines', () => {
  it('say who, what, when and how, and hold neither arguments nor odd types', async () => {
    const { log } = await openLog(path);
    log.record(aCall(1, { args: { contraparte: '111.444.777-35' } }));
    log.record(aCall(2, { tool: `x"\n${'y'.repeat(500)}`, companies: [], rows: undefined, outcome: 'nao_encontrado' }));
    await log.close();
    const [first, second] = (await lines()).map((line) => auditLine.parse(JSON.parse(line)));
    expect(first).toMatchObject({
      seq: 1,
      principal: 'ana',
      door: 'http',
      rows: 3,
      companies: ['empresa_001'],
      ms: 1.5,
    });
    expect(second).toMatchObject({ seq: 2, rows: null, outcome: 'nao_encontrado' });
    expect(await readFile(path, 'utf8')).not.toMatch(/111\.444|777-35/);
    expect((await lines())[1]!.length).toBeLessThan(500);
    for (const suffix of ['', '.head', '.key']) expect((await stat(path + suffix)).mode & 0o777).toBe(0o600);
  });

  it('never cut who asked: two people whose ids begin alike stay two', async () => {
    const { log } = await openLog(path);
    const people = ['um', 'outro'].map((end) => `oauth:${'á"'.repeat(127)}${end} via ${'c'.repeat(256)}`);
    people.forEach((principal, number) => void log.record(aCall(number, { principal })));
    await log.close();
    expect((await lines()).map((line) => JSON.parse(line).principal)).toEqual(people);
    expect((await verifyAudit({ path })).problem).toBeUndefined();
  });

  it('the digest tells equal questions without telling what was asked', async () => {
    const digests = async (key: string): Promise<string[]> => {
      const at = `${path}-${key}`;
      const { log } = await openLog(at, { key: new Secret(key) });
      log.record(aCall(1, { args: { a: 1, b: [{ c: 'x', d: 2 }] } }));
      log.record(aCall(2, { args: { b: [{ d: 2, c: 'x' }], a: 1 } }));
      log.record(aCall(3, { args: { a: 1, b: [{ c: 'x', d: 3 }] } }));
      log.record(aCall(4, { args: JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) }));
      await log.close();
      return (await lines(at)).map((line) => JSON.parse(line).args);
    };
    const [one, same, other] = await digests('chave-de-teste-um');
    expect(one).toBe(same);
    expect(one).not.toBe(other);
    expect((await digests('chave-de-teste-dois'))[0]).not.toBe(one);
  });

  it('reach the disk within a second of the call', async () => {
    const { log } = await openLog(path);
    log.record(aCall(1));
    expect(await lines()).toHaveLength(0);
    await vi.waitFor(async () => expect(await lines()).toHaveLength(1), { timeout: 1_000 });
    await log.close();
  });
});

describe('a restart', () => {
  it('goes on with the chain, over rotated files', async () => {
    for (let run = 0; run < 6; run += 1) {
      const { log, alarms } = await openLog(path, { maxBytes: 3_000 });
      for (let number = 0; number < 10; number += 1) log.record(aCall(run * 10 + number));
      await log.close();
      expect(alarms).toEqual([]);
    }
    expect(await verifyAudit({ path })).toMatchObject({
      problem: undefined,
      lines: 60,
      end: { seq: 60 },
      warnings: [],
    });
  });

  it('after a crash at any byte of the last lines: what is torn is set aside, told and verified', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 1_000 }), async (cut) => {
        await folder.remove();
        await mkdir(dirname(path));
        const first = await openLog(path);
        first.log.record(aCall(1));
        await first.log.flush();
        const head = await readFile(`${path}.head`);
        first.log.record(aCall(2));
        first.log.record(aCall(3));
        await first.log.close();
        // As a power cut leaves it: the anchor still old, the last write cut anywhere behind it.
        await writeFile(`${path}.head`, head);
        const [one = ''] = await lines();
        const { size } = await stat(path);
        const keep = one.length + 1 + (cut % (size - one.length));
        await truncate(path, keep);
        const left = await readFile(path, 'utf8');
        const events = [
          ...(left.endsWith('\n') ? [] : ['torn']),
          // The first line is the anchored one.
          ...(left.split('\n').length - 1 > 1 ? ['unanchored'] : []),
        ];

        const second = await openLog(path);
        second.log.record(aCall(4));
        await second.log.close();
        const verdict = await verifyAudit({ path });
        expect(verdict.problem).toBeUndefined();
        expect(verdict.warnings).toHaveLength(events.length);
        expect(second.alarms.map(({ kind }) => kind)).toEqual(events);
      }),
      { numRuns: 60 },
    );
  });

  it.each([
    ['lines cut off', async () => truncate(path, (await lines())[0]!.length + 1), /faltam linhas/],
    [
      'its last line edited',
      async () => writeFile(path, (await readFile(path, 'utf8')).replace(/"rows":3(?=[^\n]*\n$)/, '"rows":9')),
      /alterada/,
    ],
    ['no anchor', async () => rm(`${path}.head`), /sumiu/],
    ['an anchor of nonsense', async () => writeFile(`${path}.head`, '{}'), /estragada/],
    ['another key', async () => writeFile(`${path}.key`, 'outra chave'), /assinada/],
  ])('refuses a log with %s, and says what to do', async (_what, spoil, says) => {
    const { log } = await openLog(path);
    for (let number = 0; number < 3; number += 1) log.record(aCall(number));
    await log.close();
    await spoil();
    const before = await readFile(path);
    await expect(openLog(path)).rejects.toThrow(says);
    await expect(openLog(path)).rejects.toMatchObject({ hint: expect.stringMatching(/audit verify/) });
    expect(await readFile(path)).toEqual(before);
  });
});

describe('lines behind the anchor', () => {
  /** A line as anybody can make it who can read the log. */
  const forge = async (): Promise<void> => {
    const last = (await lines()).at(-1) ?? '';
    const end = { seq: Number(JSON.parse(last).seq), hash: lineHash(last) };
    await appendFile(path, `${callLine(aCall(9, { principal: 'outra' }), 'a'.repeat(64), new Date(), end)}\n`);
  };

  it('of somebody without the key are found, and stay told of after the next start', async () => {
    const first = await openLog(path);
    first.log.record(aCall(1));
    await first.log.close();
    await forge();
    await forge();
    expect((await verifyAudit({ path })).problem).toMatch(/2 linha\(s\) no fim sem assinatura/);

    const second = await openLog(path);
    expect(second.alarms).toEqual([{ kind: 'unanchored', lines: 2 }]);
    // On the disk before anything vouches for them: nobody can kill the server in between.
    expect((await lines()).map((line) => JSON.parse(line).event)).toEqual([
      undefined,
      undefined,
      undefined,
      'unanchored',
    ]);
    await second.log.close();
    const verdict = await verifyAudit({ path });
    expect(verdict).toMatchObject({ problem: undefined, lines: 4 });
    expect(verdict.warnings).toEqual([expect.stringMatching(/^linha 4: ao iniciar, 2 linha\(s\) antes desta/)]);
    expect(await openLog(path).then(({ log, alarms }) => log.close().then(() => alarms))).toEqual([]);
  });

  it('are found in a log that somebody holds, or seems to', async () => {
    const { log } = await openLog(path);
    log.record(aCall(1));
    await log.flush();
    await forge();
    expect((await verifyAudit({ path })).problem).toMatch(/sem assinatura/);
    await log.close();
  });

  it.each([1, 3])('do not help who rewrote what the anchor vouched for, over %s files', async (files) => {
    const { log } = await openLog(path, { maxBytes: files === 1 ? 1_000_000 : 1_500 });
    for (let number = 1; number <= 12; number += 1) log.record(aCall(number));
    await log.close();
    const names = [...(await rotatedFiles(path)).map((file) => file.path), path];
    expect(names.length).toBeGreaterThanOrEqual(files);
    let end: ChainEnd = emptyChain;
    for (const name of names) {
      const rewritten: string[] = [];
      for (const line of await lines(name)) {
        const changed = JSON.stringify({ ...JSON.parse(line), principal: 'outra', prev: end.hash });
        end = { seq: end.seq + 1, hash: lineHash(changed) };
        rewritten.push(`${changed}\n`);
      }
      await writeFile(name, rewritten.join(''));
    }
    await forge();
    await expect(openLog(path)).rejects.toThrow(/linha 12 não é a que a âncora guarda/);
  });

  it.each([0, 1, 2, 3, 4])(
    'of a crash are taken over although files were set aside meanwhile (%s before)',
    async (before) => {
      const { log } = await openLog(path, { maxBytes: 1_000 });
      for (let number = 1; number <= before; number += 1) log.record(aCall(number));
      await log.flush();
      const head = await readFile(`${path}.head`);
      for (let number = 1; number <= 9; number += 1) log.record(aCall(number));
      await log.close();
      await writeFile(`${path}.head`, head);
      const again = await openLog(path);
      expect(again.alarms).toEqual([{ kind: 'unanchored', lines: 9 }]);
      await again.log.close();
      expect((await verifyAudit({ path })).problem).toBeUndefined();
    },
  );
});

describe('one log, one writer', () => {
  it('refuses a second one in this process, and takes over from a dead one', async () => {
    const { log } = await openLog(path);
    await expect(openLog(path)).rejects.toThrow(ConfigurationError);
    await expect(openLog(path)).rejects.toThrow(/\{host\}/);
    await log.close();
    const dead = spawn(process.execPath, ['-e', '']);
    await new Promise((resolve) => dead.once('exit', resolve));
    await writeFile(
      `${path}.lock`,
      JSON.stringify({ id: 'x', host: (await import('node:os')).hostname(), pid: dead.pid, born: 1 }),
    );
    await (await openLog(path)).log.close();
  });

  it('refuses the writer of another machine while it shows signs of life', async () => {
    const holder = JSON.stringify({ id: 'x', host: 'outra-maquina', pid: 1, born: 1 });
    await writeFile(`${path}.lock`, holder);
    await expect(openLog(path)).rejects.toThrow(/outra-maquina/);
  });

  it('who lost its lock stops writing and says so', async () => {
    const { log, alarms } = await openLog(path);
    await writeFile(`${path}.lock`, JSON.stringify({ id: 'x', host: 'outra-maquina', pid: 1, born: 1 }));
    log.record(aCall(1));
    await log.flush();
    expect(await lines()).toEqual([]);
    expect(log.state()).toMatchObject({ status: 'failing', waiting: 1 });
    expect(alarms).toMatchObject([{ kind: 'failing' }]);
    await log.close();
  });
});

it('cannot start in a folder that does not exist', async () => {
  await expect(openLog(join(dirname(path), 'nao', 'existe.jsonl'))).rejects.toThrow(/ENOENT/);
});

it('follows a log that somebody moved away, and verify misses what went with it', async () => {
  const { log } = await openLog(path);
  log.record(aCall(1));
  await log.flush();
  await rename(path, `${path}.old`);
  log.record(aCall(2));
  await log.close();
  expect((await verifyAudit({ path })).problem).toMatch(/esperava a linha de número 1 e veio a 2/);
});

it('a hash kept elsewhere finds a log that was rewritten with its key', async () => {
  const { log } = await openLog(path);
  for (let number = 0; number < 5; number += 1) log.record(aCall(number));
  const noted = log.end.hash;
  await log.close();
  expect((await verifyAudit({ path, head: noted })).problem).toBeUndefined();
  for (const suffix of ['', '.head']) await rm(path + suffix);
  const forged = await openLog(path);
  for (let number = 0; number < 5; number += 1) forged.log.record(aCall(number, { outcome: 'sem_permissao' }));
  await forged.log.close();
  expect((await verifyAudit({ path })).problem).toBeUndefined();
  expect((await verifyAudit({ path, head: noted })).problem).toMatch(/--head/);
});
