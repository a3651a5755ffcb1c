import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Company } from '../../../src/companies/company.ts';
import { parseCredentials } from '../../../src/companies/credentials-file.ts';
import type { Principal } from '../../../src/companies/principal.ts';
import type { Variables } from '../../../src/files/variables.ts';

/** In every secret the tests write; must never be seen in a message. */
export const CANARY = 'canario-segredo';

export type Entry = Record<string, unknown>;

/** A good entry; `number` makes its keys, nome and CNPJ its own. */
export function entry(number: number, changes: Entry = {}): Entry {
  return {
    app_key: `${CANARY}-chave-${number}`,
    app_secret: `${CANARY}-par-${number}`,
    nome: `Empresa ${number} LTDA`,
    cnpj: cnpj(number),
    ...changes,
  };
}

/** A CNPJ with right check digits, worked out here and not by the code under test. */
export function cnpj(number: number): string {
  const base = `${String(number).padStart(8, '0')}0001`;
  const digit = (text: string, weights: readonly number[]): number => {
    const rest = [...text].reduce((sum, character, at) => sum + Number(character) * (weights[at] ?? 0), 0) % 11;
    return rest < 2 ? 0 : 11 - rest;
  };
  const first = digit(base, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  const second = digit(`${base}${first}`, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  return `${base}${first}${second}`;
}

/** A file with companies `empresa_1` … `empresa_<count>`. */
export function file(count: number, changes: Record<string, Entry> = {}): Record<string, Entry> {
  const all: Record<string, Entry> = {};
  for (let number = 1; number <= count; number += 1) all[`empresa_${number}`] = entry(number);
  return { ...all, ...changes };
}

export function parse(content: unknown, variables: Variables = {}) {
  const bytes =
    content instanceof Uint8Array
      ? content
      : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content));
  return parseCredentials(bytes, { file: 'credentials.json', variables });
}

export function problemsOf(content: unknown, variables: Variables = {}): readonly string[] {
  const parsed = parse(content, variables);
  return 'problems' in parsed ? parsed.problems : [];
}

export function setOf(content: unknown, variables: Variables = {}) {
  const parsed = parse(content, variables);
  if ('problems' in parsed) throw new Error(parsed.problems.join('\n'));
  return parsed;
}

/** A folder of its own, gone after `dispose`. */
export function scratch(): {
  path: (name: string) => string;
  write: (name: string, content: unknown) => string;
} & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'credenciais-'));
  const path = (name: string) => join(folder, name);
  return {
    path,
    write: (name, content) => {
      writeFileSync(path(name), typeof content === 'string' ? content : JSON.stringify(content), { mode: 0o600 });
      return path(name);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export function seesOnly(...ids: string[]): Principal {
  return { id: 'teste', canSee: (company: Company) => ids.includes(company.id), canCall: () => true };
}

export async function until(condition: () => boolean, limitMs: number): Promise<number> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > limitMs) throw new Error(`still waiting after ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - start;
}
