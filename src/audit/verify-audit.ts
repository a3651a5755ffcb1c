import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Secret } from '../logging/secret.ts';
import { headFile, lockFile, rotatedFiles } from './audit-files.ts';
import { type Head, isSigned, readHead } from './audit-head.ts';
import { type AuditKeys, readKeys } from './audit-key.ts';
import type { ChainEnd } from './audit-line.ts';
import { readLinks } from './chain-links.ts';
import { ChainWalk } from './chain-walk.ts';

export interface VerifyOptions {
  readonly path: string;
  /** The secret of the log, to check the anchor's signature; the file beside the log is looked for when left out. */
  readonly key?: Secret | undefined;
  /** A hash noted elsewhere, which some line must have: finds a log that was rewritten as a whole. */
  readonly head?: string | undefined;
  /** `prev` of the first line, when older files were archived elsewhere. */
  readonly after?: string | undefined;
}

export interface Verdict {
  /** What is wrong first, e.g. `audit.jsonl:17: …`; undefined when the log is whole. */
  readonly problem: string | undefined;
  readonly warnings: readonly string[];
  readonly lines: number;
  readonly files: number;
  readonly end: ChainEnd;
}

/**
 * Reads the whole log, oldest file first, and finds the first line that was edited, removed, moved or added, by its number
 * and the hash of the line before; then whether the log still reaches as far as its anchor says.
 *
 * @throws the system's error when a file cannot be read.
 */
export async function verifyAudit(options: VerifyOptions): Promise<Verdict> {
  for (let attempt = 1; ; attempt += 1) {
    const last = attempt === ATTEMPTS || !(await exists(lockFile(options.path)));
    const verdict = await readWhole(options).catch((error: unknown) => {
      if (last) throw error;
    });
    if (verdict !== undefined && (last || verdict.problem === undefined)) return verdict;
    await sleep(RETRY_MS);
  }
}

/**
 * While a server writes, half a batch or a file that is just being set aside may be met. A finding about such a log must
 * be found again.
 */
const ATTEMPTS = 4;
const RETRY_MS = 100;
/** For the fsync between lines and anchor. */
const LOOKS = 10;
const LOOK_AGAIN_MS = 50;

async function readWhole(options: VerifyOptions): Promise<Verdict> {
  const { path } = options;
  // Before the lines: a server that runs writes lines first and the anchor then.
  const head = await readHead(headFile(path));
  const keys = await readKeys(path, options.key);
  const files = (await rotatedFiles(path)).map((file) => file.path);
  if (await exists(path)) files.push(path);
  const walk = new ChainWalk({ ...options, anchor: typeof head === 'object' ? head : undefined });
  const verdict = (problem: string | undefined): Verdict => ({
    problem,
    warnings: walk.warnings,
    lines: walk.lines,
    files: files.length,
    end: walk.end,
  });
  for (const file of files) {
    for await (const links of readLinks(file)) {
      for (const link of links) {
        const problem = walk.step(link);
        if (problem !== undefined) return verdict(problem);
      }
    }
  }
  const doubt = walk.finish();
  if (doubt !== undefined) return verdict(doubt);
  if (files.length === 0 && head === 'missing') return verdict(`${path}: o arquivo não existe`);
  if (head !== 'missing' && head !== 'broken' && keys !== undefined && !isSigned(head, keys.head))
    return verdict(`${headFile(path)}: a assinatura da âncora não confere com a chave deste log`);
  if (keys === undefined && typeof head === 'object') {
    if (options.head === undefined)
      return verdict(
        `${headFile(path)}: sem a chave (AUDIT_KEY ou .key) não há como conferir quem assinou a âncora; informe a chave, ou --head com um hash guardado fora`,
      );
    walk.warnings.push('sem a chave (AUDIT_KEY ou .key), a assinatura da âncora não foi conferida');
  }
  const reached = await reachOfAnchor(path, walk.end, keys);
  return verdict(anchorProblem(path, head, walk, reached, options.head));
}

/**
 * How far the anchor reaches by now. A server that runs signs what it wrote at once; lines that nobody signs are not its
 * own, or it was killed between the two.
 */
async function reachOfAnchor(path: string, end: ChainEnd, keys: AuditKeys | undefined): Promise<number> {
  for (let look = 1; ; look += 1) {
    const head = await readHead(headFile(path));
    if (typeof head !== 'object' || (keys !== undefined && !isSigned(head, keys.head))) return 0;
    if (head.seq === end.seq && head.hash !== end.hash) return 0;
    if (head.seq >= end.seq || look === LOOKS || !(await exists(lockFile(path)))) return head.seq;
    await sleep(LOOK_AGAIN_MS);
  }
}

function anchorProblem(
  path: string,
  head: Head | 'missing' | 'broken',
  walk: ChainWalk,
  reached: number,
  wanted?: string,
): string | undefined {
  if (wanted !== undefined && !walk.metWanted)
    return `${path}: nenhuma linha tem o hash dado em --head: o log foi cortado ou reescrito`;
  if (head === 'broken') return `${headFile(path)}: a âncora está estragada`;
  if (head === 'missing') {
    if (wanted !== undefined) return undefined;
    return `${headFile(path)}: a âncora não existe; sem ela um corte no fim não seria notado (informe --head se o hash foi guardado fora)`;
  }
  if (walk.end.seq < head.seq)
    return `${path}: faltam linhas no fim: o log acaba na linha ${walk.end.seq} e a âncora está na ${head.seq}`;
  if (walk.hashAtAnchor !== undefined && walk.hashAtAnchor !== head.hash)
    return `${path}: a linha de número ${head.seq} não é a que a âncora guarda`;
  const unsigned = walk.end.seq - Math.max(head.seq, reached);
  if (unsigned <= 0) return undefined;
  return `${path}: ${unsigned} linha(s) no fim sem assinatura: o servidor foi interrompido entre gravar e assinar (ao iniciar ele registra isso na cadeia), ou alguém as acrescentou`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
