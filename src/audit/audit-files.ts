import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Where the log is that was asked for by this path: `{host}` stands for the machine's name. */
export function auditPath(path: string): string {
  return path.replaceAll('{host}', hostname());
}

/** The files that belong to the log at `path`. */
export const headFile = (path: string): string => `${path}.head`;
export const keyFile = (path: string): string => `${path}.key`;
export const lockFile = (path: string): string => `${path}.lock`;
/** What was left of a line that a crash cut in two. */
export const tornFile = (path: string): string => `${path}.torn`;

export interface RotatedFile {
  readonly path: string;
  readonly number: number;
}

/** Files that were full, oldest first: `audit.jsonl.000001`, `audit.jsonl.000002`, … */
export async function rotatedFiles(path: string): Promise<readonly RotatedFile[]> {
  const folder = dirname(path);
  const prefix = `${basename(path)}.`;
  const found: RotatedFile[] = [];
  for (const name of await readdir(folder)) {
    const number = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    if (/^\d{6,12}$/.test(number)) found.push({ path: join(folder, name), number: Number(number) });
  }
  return found.sort((a, b) => a.number - b.number);
}

export function rotatedFile(path: string, number: number): string {
  return `${path}.${String(number).padStart(6, '0')}`;
}
