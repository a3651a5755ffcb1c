import { brotliCompressSync, gzipSync } from 'node:zlib';
import { Parser } from 'tar';
import { expect, it } from 'vitest';
import { contextOf, lookAtContext } from '../../../../src/hub/repositories/build-context.ts';
import { readArchive } from '../../../../src/hub/repositories/read-archive.ts';
import { archiveOf, repositoryArchive, type TestEntry, tarOf } from '../../../support/archive.ts';

const signal = new AbortController().signal;
const GOOD: TestEntry = { path: 'r/Dockerfile', text: 'FROM scratch\n' };
const at = (context: string) => ({ context, dockerfile: 'Dockerfile' });
const look = (entries: readonly TestEntry[], folder = '') =>
  lookAtContext(archiveOf([GOOD, ...entries]), at(folder), signal);

async function unpack(packed: Buffer, folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      found[entry.path] = entry.linkpath ? `-> ${entry.linkpath}` : '';
      entry.on('data', (bytes: Buffer) => {
        found[entry.path] += bytes.toString('utf8');
      });
    },
  });
  for await (const chunk of contextOf(packed, folder)) parser.write(chunk);
  parser.end();
  return found;
}

it('hands over the files of a folder, without the folder of the archive, and links that stay inside', async () => {
  const long = `${'pasta/'.repeat(12)}arquivo.txt`;
  const packed = archiveOf([
    { path: 'dono-repo-1/', type: 'Directory' },
    { path: 'dono-repo-1/README.md', text: 'fora' },
    { path: 'dono-repo-1/srv/', type: 'Directory' },
    { path: 'dono-repo-1/srv/Dockerfile', text: 'FROM scratch\nCOPY . .\n' },
    { path: 'dono-repo-1/srv/vazio' },
    { path: 'dono-repo-1/srv/grande.bin', text: 'a'.repeat(2_000) },
    { path: 'dono-repo-1/srv/atalho', type: 'SymbolicLink', linkpath: 'grande.bin' },
    { path: `dono-repo-1/srv/${long}`, text: 'fundo' },
  ]);
  expect(await lookAtContext(packed, at('srv'), signal)).toEqual({ files: 5, dockerfile: 'FROM scratch\nCOPY . .\n' });
  expect(await unpack(packed, 'srv')).toEqual({
    Dockerfile: 'FROM scratch\nCOPY . .\n',
    vazio: '',
    'grande.bin': 'a'.repeat(2_000),
    atalho: '-> grande.bin',
    [long]: 'fundo',
  });
  expect(Object.keys(await unpack(packed, ''))).toEqual([
    'README.md',
    'srv/',
    ...['Dockerfile', 'vazio', 'grande.bin', 'atalho', long].map((name) => `srv/${name}`),
  ]);
});

it.each<[string, TestEntry | readonly TestEntry[], RegExp]>([
  ['climbs out', { path: 'r/../../etc/passwd', text: 'x' }, /sai da própria pasta/],
  ['climbs out at its first part', { path: '../x', text: 'x' }, /sai da própria pasta/],
  ['is absolute', { path: '/etc/passwd', text: 'x' }, /sai da própria pasta/],
  ['has a backslash', { path: 'r/..\\x', text: 'x' }, /sai da própria pasta/],
  ['is a link out', { path: 'r/l', type: 'SymbolicLink', linkpath: '../../etc' }, /atalho que sai/],
  // `r/a/b` leads to the root of it, and what is above that is out.
  [
    'is a link above what another one leads to',
    { path: 'r/l', type: 'SymbolicLink', linkpath: 'a/b/..' },
    /atalho que sai/,
  ],
  ['is an absolute link', { path: 'r/l', type: 'SymbolicLink', linkpath: '/etc/passwd' }, /atalho que sai/],
  ['is a hard link', { path: 'r/l', type: 'Link', linkpath: '/etc/shadow' }, /não é arquivo, pasta nem atalho/],
  ['is a device', { path: 'r/d', type: 'CharacterDevice' }, /não é arquivo, pasta nem atalho/],
  ['is a pipe', { path: 'r/p', type: 'FIFO' }, /não é arquivo, pasta nem atalho/],
  ['stands where another does', { path: 'r/Dockerfile', text: 'FROM evil' }, /duas vezes o mesmo caminho/],
  ['says to be huge', { path: 'r/big', size: 100 * 1_048_576 }, /mais de 64 MB/],
  [
    'goes through a link',
    [
      { path: 'r/l', type: 'SymbolicLink', linkpath: 'sub' },
      { path: 'r/l/x', text: 'x' },
    ],
    /por dentro de um atalho/,
  ],
  [
    'is a folder where a file is',
    [
      { path: 'r/a', text: 'x' },
      { path: 'r/a/', type: 'Directory' },
    ],
    /duas vezes o mesmo caminho/,
  ],
])('an entry that %s ends it', async (_, entry, why) => {
  await expect(look([entry].flat())).rejects.toThrow(why);
});

it('counts what comes out, not what goes in', async () => {
  const read = async (packed: Buffer): Promise<void> => {
    const limits = { unpackedBytes: 4 * 1_048_576, entries: 10 };
    for await (const _ of readArchive(packed, () => {}, limits)) signal.throwIfAborted();
  };
  const zeros = Buffer.alloc(8 * 1_048_576);
  const bomb = archiveOf([{ path: 'r/zeros', text: zeros }]);
  expect(bomb.length).toBeLessThan(16_384);
  await expect(read(bomb)).rejects.toThrow(/passa de 4 MB/);
  await expect(read(gzipSync(Buffer.concat([tarOf([GOOD]), zeros.subarray(0, 1_048_576)])))).rejects.toThrow(
    /continua depois do fim/,
  );
  const many = archiveOf(Array.from({ length: 11 }, (_, index) => ({ path: `r/${index}` })));
  await expect(read(many)).rejects.toThrow(/mais de 10 entradas/);
});

/** One raw block (RFC 8878, 3.1.1): not every Node.js can make one. */
function zstdOf(content: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(0xfd2fb528, 0);
  head.writeUInt8(0xa0, 4);
  head.writeUInt32LE(content.length, 5);
  head.writeUIntLE(content.length * 8 + 1, 9, 3);
  return Buffer.concat([head, content]);
}

it('what is no archive, is one twice, or is cut is refused', async () => {
  await expect(lookAtContext(Buffer.from('not an archive'), at(''), signal)).rejects.toThrow(/corrompido/);
  await expect(lookAtContext(gzipSync(Buffer.from('not a tar')), at(''), signal)).rejects.toThrow(/corrompido|vazio/);
  await expect(lookAtContext(gzipSync(gzipSync(tarOf([GOOD]))), at(''), signal)).rejects.toThrow(/duas vezes/);
  await expect(lookAtContext(gzipSync(zstdOf(tarOf([GOOD]))), at(''), signal)).rejects.toThrow(/duas vezes/);
  await expect(lookAtContext(gzipSync(brotliCompressSync(tarOf([GOOD]))), at(''), signal)).rejects.toThrow(
    /corrompido/,
  );
  const whole = repositoryArchive({ Dockerfile: 'FROM scratch\n', x: 'y'.repeat(50_000) });
  await expect(lookAtContext(whole.subarray(0, whole.length - 20), at(''), signal)).rejects.toThrow(/corrompido/);
  await expect(lookAtContext(repositoryArchive({ x: '' }), at(''), signal)).rejects.toThrow(/Dockerfile/);
  await expect(lookAtContext(whole, at('nao-ha'), signal)).rejects.toThrow(/Dockerfile/);
});
