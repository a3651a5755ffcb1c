import { createReadStream } from 'node:fs';
import { lineHash } from './audit-line.ts';

/** A line as a link of the chain. `seq` 0 stands for bytes that are no line of this log, or only the beginning of one. */
export interface ChainLink {
  /** File and line, e.g. `audit.jsonl:17`. */
  readonly where: string;
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
  /** The whole line, where the log speaks of itself. */
  readonly event: Buffer | undefined;
}

/**
 * Numbers and hashes are taken out without parsing the rest: its bytes are vouched for by the hash in the next line, or by
 * the anchor. Latin-1 keeps every byte apart, so that nothing invalid can pass for something else.
 */
const LINE = /^\{"v":1,"seq":([1-9]\d{0,14}),.*"prev":"([0-9a-f]{64})"\}$/;

/** The lines of one file, some hundreds at a time. */
export async function* readLinks(path: string): AsyncGenerator<ChainLink[]> {
  let rest = Buffer.alloc(0);
  let number = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1_048_576 })) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const links: ChainLink[] = [];
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
      number += 1;
      links.push(toLink(bytes.subarray(start, end), `${path}:${number}`));
      start = end + 1;
    }
    rest = Buffer.from(bytes.subarray(start));
    yield links;
  }
  // A last line without its line break is a cut one, even when nothing but the break is missing.
  if (rest.length > 0) yield [{ where: `${path}:${number + 1}`, seq: 0, prev: '', hash: '', event: undefined }];
}

function toLink(bytes: Buffer, where: string): ChainLink {
  const text = bytes.toString('latin1');
  const [, seq = '0', prev = ''] = LINE.exec(text) ?? [];
  const event = text.includes('"event":"') ? Buffer.from(bytes) : undefined;
  return { where, seq: Number(seq), prev, hash: lineHash(bytes), event };
}
