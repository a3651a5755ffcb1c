import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import type { ChainEnd } from './audit-line.ts';

/** How far the log is known to reach: without it, lines cut off its end would leave a shorter but flawless chain. */
const headShape = z.strictObject({
  seq: z.number().int().min(0),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  mac: z.string().regex(/^[0-9a-f]{64}$/),
});

export type Head = z.output<typeof headShape>;

/** `missing`, `broken` (not a head at all), or the head. */
export async function readHead(path: string): Promise<Head | 'missing' | 'broken'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'missing';
    throw error;
  }
  try {
    const parsed = headShape.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : 'broken';
  } catch {
    return 'broken';
  }
}

/** Replaces the head in one step: a crash leaves the old one or the new one. */
export async function writeHead(path: string, { seq, hash }: ChainEnd, key: KeyObject): Promise<void> {
  const next = `${path}.new`;
  await writeFile(next, `${JSON.stringify({ seq, hash, mac: macOf(seq, hash, key) })}\n`, { mode: 0o600 });
  await rename(next, path);
}

/** Whether the head was written by somebody who has the key. */
export function isSigned({ seq, hash, mac }: Head, key: KeyObject): boolean {
  return timingSafeEqual(Buffer.from(mac, 'hex'), Buffer.from(macOf(seq, hash, key), 'hex'));
}

function macOf(seq: number, hash: string, key: KeyObject): string {
  return createHmac('sha256', key).update(`${seq} ${hash}`).digest('hex');
}
