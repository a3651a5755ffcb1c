/** Archives as GitHub makes them, and as nobody should. */
import { gzipSync } from 'node:zlib';
import { Header } from 'tar';

export interface TestEntry {
  /** As it stands in the archive. */
  readonly path: string;
  readonly text?: string | Buffer;
  readonly type?: 'File' | 'Directory' | 'SymbolicLink' | 'Link' | 'FIFO' | 'CharacterDevice';
  readonly linkpath?: string;
  /** Said in the header, whatever follows it. */
  readonly size?: number;
}

export function tarOf(entries: readonly TestEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, text = '', type = 'File', linkpath, size }) => {
    const content = Buffer.from(text);
    const header = new Header({
      path,
      type,
      mode: 0o644,
      size: size ?? content.length,
      mtime: new Date(0),
      ...(linkpath && { linkpath }),
    });
    header.encode();
    return [header.block ?? Buffer.alloc(0), content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1_024)]);
}

export const archiveOf = (entries: readonly TestEntry[]): Buffer => gzipSync(tarOf(entries));

/** As GitHub does: everything in one folder named after the commit. */
export const repositoryArchive = (files: Readonly<Record<string, string>>): Buffer =>
  archiveOf([
    { path: 'dono-repo-abc1234/', type: 'Directory' },
    ...Object.entries(files).map(([path, text]) => ({ path: `dono-repo-abc1234/${path}`, text })),
  ]);
