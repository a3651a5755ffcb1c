import { copyFile, mkdtemp, readdir, readFile, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callLine, lineHash } from '../../../src/audit/audit-line.ts';
import { verifyAudit } from '../../../src/audit/verify-audit.ts';
import { aCall, logFolder, openLog } from './open-log.ts';

const CALLS = 300;
let master: { path: string; remove(): Promise<void> };
let copy: string;
/** The log's files in order, with their lines; the line breaks are left out. */
let files: { name: string; bytes: Buffer; lines: string[] }[];

beforeAll(async () => {
  master = await logFolder();
  const { log } = await openLog(master.path, { maxBytes: 22_500 });
  for (let number = 1; number <= CALLS; number += 1)
    log.record(aCall(number, { companies: [`empresa_${number % 7}`] }));
  await log.close();
  const folder = dirname(master.path);
  const names = (await readdir(folder)).filter((name) => /audit\.jsonl(\.\d+)?$/.test(name));
  names.sort((a, b) => (a === 'audit.jsonl' ? 1 : b === 'audit.jsonl' ? -1 : a.localeCompare(b)));
  files = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(folder, name));
      return { name, bytes, lines: bytes.toString().split('\n').slice(0, -1) };
    }),
  );
  copy = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-tampered-'));
  for (const name of await readdir(folder)) await copyFile(join(folder, name), join(copy, name));
});
afterAll(async () => {
  await master.remove();
  await rm(copy, { recursive: true, force: true });
});

it('holds one line a call, over several files, and verifies', async () => {
  expect(files.length).toBeGreaterThan(5);
  const verdict = await verifyAudit({ path: join(copy, 'audit.jsonl') });
  expect(verdict).toMatchObject({ problem: undefined, lines: CALLS, files: files.length, warnings: [] });
});

/** Lines that hang on the last one as they should: everything in them can be worked out without the key. */
function behind(last: string, count: number): string[] {
  const more: string[] = [];
  let end = { seq: Number(JSON.parse(last).seq), hash: lineHash(last) };
  for (let number = 1; number <= count; number += 1) {
    const line = callLine(aCall(number, { principal: 'outra' }), 'a'.repeat(64), new Date(), end);
    end = { seq: end.seq + 1, hash: lineHash(line) };
    more.push(line);
  }
  return more;
}

const natural = fc.nat({ max: 1_000_000 });
const tampering = fc.record({
  kind: fc.constantFrom(
    'edit',
    'drop',
    'swap',
    'repeat',
    'cut',
    'cutLines',
    'insert',
    'dropFile',
    'swapFiles',
    'forge',
    'append',
  ),
  file: natural,
  line: natural,
  other: natural,
  char: natural,
});

it('finds every tampering, of 1,200 random ones', { timeout: 300_000 }, async () => {
  let tried = 0;
  await fc.assert(
    fc.asyncProperty(tampering, async ({ kind, file: anyFile, line: anyLine, other: anyOther, char }) => {
      // Anywhere else an appended line is a repeated number.
      const file = kind === 'append' ? files.at(-1)! : files[anyFile % files.length]!;
      const second = files[(anyFile + 1 + (anyOther % (files.length - 1))) % files.length]!;
      const at = anyLine % file.lines.length;
      const other = (at + 1 + (anyOther % (file.lines.length - 1))) % file.lines.length;
      const lines = [...file.lines];
      const path = join(copy, file.name);
      let touched = [file];
      if (kind === 'edit') {
        const bytes = Buffer.from(file.bytes);
        const where = char % bytes.length;
        bytes[where] = (bytes[where]! + 1 + (anyOther % 255)) % 256;
        await writeFile(path, bytes);
      } else if (kind === 'cut') await truncate(path, char % file.bytes.length);
      else if (kind === 'dropFile') await unlink(path);
      else if (kind === 'swapFiles') {
        touched = [file, second];
        await rename(path, `${path}-`);
        await rename(join(copy, second.name), path);
        await rename(`${path}-`, join(copy, second.name));
      } else {
        if (kind === 'drop') lines.splice(at, 1);
        else if (kind === 'swap') [lines[at], lines[other]] = [lines[other]!, lines[at]!];
        else if (kind === 'repeat') lines.splice(other, 0, lines[at]!);
        else if (kind === 'cutLines') lines.length = at;
        else if (kind === 'insert') lines.splice(at, 0, '');
        else if (kind === 'append') lines.push(...behind(lines.at(-1) ?? '', 1 + (anyOther % 3)));
        else lines[at] = lines[at]!.replace('"outcome":"ok"', '"outcome":"sem_permissao"');
        await writeFile(path, lines.map((line) => `${line}\n`).join(''));
      }
      tried += 1;
      const { problem } = await verifyAudit({ path: join(copy, 'audit.jsonl') });
      for (const { name, bytes } of touched) await writeFile(join(copy, name), bytes);
      expect(problem, `${kind} in ${basename(path)}`).toBeDefined();
    }),
    { numRuns: 1_200 },
  );
  expect(tried).toBeGreaterThanOrEqual(1_200);
  // And nothing was left behind: the restored log is whole again.
  expect((await verifyAudit({ path: join(copy, 'audit.jsonl') })).problem).toBeUndefined();
});

it.each([
  ['in the middle of a file', 2, 41],
  ['at the end of a file', 2, -1],
  ['at the very end', -1, -1],
])('names the line that was edited %s', async (_where, fileAt, lineAt) => {
  const { name, bytes, lines } = files.at(fileAt)!;
  const path = join(copy, name);
  const at = lineAt < 0 ? lines.length + lineAt : lineAt;
  const edited = lines.map((line, number) => `${number === at ? line.replace('"rows":3', '"rows":4') : line}\n`);
  await writeFile(path, edited.join(''));
  const { problem } = await verifyAudit({ path: join(copy, 'audit.jsonl') });
  await writeFile(path, bytes);
  const atTheEnd = `a linha de número ${CALLS} não é a que a âncora guarda`;
  expect(problem).toContain(fileAt === -1 ? atTheEnd : `${name}:${at + 1}: `);
});
