/** A disk that cannot be written, told as what it is: neither the source nor the one who asked has done anything wrong. */
import { HubError } from '../problem.ts';

const FREE = 'Libere espaço em HUB_DATA_DIR (e na pasta temporária) e repita.';
const ALLOW = 'Monte HUB_DATA_DIR com escrita, para o usuário que executa o hub, e repita.';

/** There is no room: what is removed may be what helps. */
export class FullDiskError extends HubError {}

/** By the system's names; more may go wrong with a disk, and then nobody knows what to do about it. */
const PROBLEMS: ReadonlyMap<string, { readonly why: string; readonly hint: string }> = new Map([
  ['ENOSPC', { why: 'está cheio', hint: FREE }],
  ['EDQUOT', { why: 'chegou à cota', hint: FREE }],
  ['EROFS', { why: 'está montado só para leitura', hint: ALLOW }],
  ['EACCES', { why: 'não deixa o hub gravar', hint: ALLOW }],
  ['EPERM', { why: 'não deixa o hub gravar', hint: ALLOW }],
]);

/** @throws HubError (`disco_indisponivel`) when the disk is why; else what the work throws */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    throw diskProblem(typeof code === 'string' ? code : undefined, thrown) ?? thrown;
  }
}

/** @param code the system's name for it */
export function diskProblem(code: string | undefined, cause?: unknown): HubError | undefined {
  const { why, hint } = PROBLEMS.get(code ?? '') ?? {};
  if (why === undefined) return undefined;
  const text = `O disco em que o hub grava ${why} (${code}).`;
  if (hint === FREE) return new FullDiskError('disco_indisponivel', text, { hint, cause });
  return new HubError('disco_indisponivel', text, { hint, cause });
}
