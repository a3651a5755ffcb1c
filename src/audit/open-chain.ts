import { type FileHandle, open, stat } from 'node:fs/promises';
import { ConfigurationError } from '../errors.ts';
import { headFile } from './audit-files.ts';
import { isSigned, readHead } from './audit-head.ts';
import type { AuditKeys } from './audit-key.ts';
import type { ChainEnd } from './audit-line.ts';
import { findTail, setTornAside } from './audit-tail.ts';
import { unanchoredProblem } from './unanchored-lines.ts';

export interface OpenChain {
  readonly handle: FileHandle;
  readonly end: ChainEnd;
  readonly size: number;
  readonly tornBytes: number;
  /** Whole lines behind the anchor. */
  readonly unanchored: number;
}

/** @throws ConfigurationError for a device, a pipe or a folder: the files beside the log would be strewn there. */
export async function refuseSpecialFile(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.isFile()) return;
  throw new ConfigurationError(`AUDIT_LOG: ${path} não é um arquivo comum.`, [], {
    hint: 'Aponte AUDIT_LOG para um arquivo numa pasta em que o servidor possa gravar.',
  });
}

/** Append-only, also for ourselves: the system puts every write at the end. Readable, to find that end at a start. */
export function openAppend(path: string): Promise<FileHandle> {
  return open(path, 'a+', 0o600);
}

/**
 * Opens the log where it stopped, if it still is what it was then. A log that lost or changed anchored lines is not
 * continued: its next anchor would hide that.
 *
 * @throws ConfigurationError when the log and its anchor contradict each other.
 */
export async function openChain(path: string, keys: AuditKeys): Promise<OpenChain> {
  const head = await readHead(headFile(path));
  const handle = await openAppend(path);
  try {
    const tail = await findTail(path, handle);
    const { end } = tail;
    if (head === 'missing' && end.seq > 0) throw contradiction(path, 'a âncora (.head) sumiu');
    if (head === 'broken') throw contradiction(path, 'a âncora (.head) está estragada');
    if (head !== 'missing') {
      if (!isSigned(head, keys.head))
        throw contradiction(path, 'a âncora (.head) não foi assinada com a AUDIT_KEY em uso');
      if (end.seq < head.seq)
        throw contradiction(path, `faltam linhas: a âncora vai até ${head.seq}, o log até ${end.seq}`);
      if (end.seq === head.seq && end.hash !== head.hash) throw contradiction(path, `a linha ${end.seq} foi alterada`);
      const problem = end.seq > head.seq ? await unanchoredProblem(path, head, end) : undefined;
      if (problem !== undefined) throw contradiction(path, problem);
    }
    if (tail.tornBytes > 0) await setTornAside(path, handle, tail);
    const unanchored = head === 'missing' ? 0 : end.seq - head.seq;
    return { handle, end, size: tail.goodBytes, tornBytes: tail.tornBytes, unanchored };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function contradiction(path: string, what: string): ConfigurationError {
  return new ConfigurationError(`AUDIT_LOG: o log ${path} não será continuado: ${what}.`, [], {
    hint: 'Confira com "omie-mcp-hub audit verify". Para seguir, guarde os arquivos deste log em outro lugar ou aponte AUDIT_LOG para outro caminho.',
  });
}
