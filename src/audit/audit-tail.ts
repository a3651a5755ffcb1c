import { appendFile, type FileHandle, open } from 'node:fs/promises';
import { rotatedFiles, tornFile } from './audit-files.ts';
import { type ChainEnd, emptyChain, lineHash, parseLine } from './audit-line.ts';

/** Longer than the longest line: companies are at most some thousands of ids. */
const TAIL_BYTES = 1_048_576;
const LINE_BREAK = 0x0a;

export interface AuditTail {
  readonly end: ChainEnd;
  /** How far the file to be continued is whole, in bytes. */
  readonly goodBytes: number;
  /** Bytes after that: what a crash left of a line. */
  readonly tornBytes: number;
}

/** Where the chain goes on after a restart. */
export async function findTail(path: string, handle: FileHandle): Promise<AuditTail> {
  const { size } = await handle.stat();
  const { end, offset } = await lastLine(handle, size);
  return { end: end ?? (await endOfRotated(path)), goodBytes: offset, tornBytes: size - offset };
}

/**
 * Moves what a crash left of a line into `<log>.torn`: the chain must go on behind a whole line, and nothing is thrown
 * away.
 */
export async function setTornAside(path: string, handle: FileHandle, tail: AuditTail): Promise<void> {
  const torn = Buffer.alloc(tail.tornBytes);
  await handle.read(torn, 0, torn.length, tail.goodBytes);
  await appendFile(tornFile(path), torn, { mode: 0o600 });
  await handle.truncate(tail.goodBytes);
  await handle.sync();
}

async function endOfRotated(path: string): Promise<ChainEnd> {
  for (const { path: older } of [...(await rotatedFiles(path))].reverse()) {
    const handle = await open(older, 'r');
    try {
      const { end } = await lastLine(handle, (await handle.stat()).size);
      if (end !== undefined) return end;
    } finally {
      await handle.close();
    }
  }
  return emptyChain;
}

/** The last good line within the file's last megabyte, and where the file is good up to. */
async function lastLine(handle: FileHandle, size: number): Promise<{ end: ChainEnd | undefined; offset: number }> {
  const from = Math.max(0, size - TAIL_BYTES);
  const bytes = Buffer.alloc(size - from);
  await handle.read(bytes, 0, bytes.length, from);
  let end = bytes.lastIndexOf(LINE_BREAK);
  while (end >= 0) {
    const start = end === 0 ? 0 : bytes.lastIndexOf(LINE_BREAK, end - 1) + 1;
    const line = bytes.subarray(start, end);
    const parsed = parseLine(line);
    if (parsed !== undefined) return { end: { seq: parsed.seq, hash: lineHash(line) }, offset: from + end + 1 };
    end = start - 1;
  }
  return { end: undefined, offset: from };
}
