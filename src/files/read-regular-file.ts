import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { MAX_FILE_BYTES } from './decode-text.ts';

/** What lay at the path at one moment. `fingerprint` tells two moments apart: a content hash, or the failure. */
export type FileReading =
  | { readonly bytes: Uint8Array; readonly warnings: readonly string[]; readonly fingerprint: string }
  | { readonly problem: string; readonly fingerprint: string };

/** Opens a path and gives a descriptor, as `fs.openSync` does; a parameter so that refusals can be rehearsed. */
export type OpenFile = (path: string, flags: number) => number;

/**
 * Reads the whole file, following links. Only a regular file of at most 50 MB is read: the type and the size are
 * asked of the open descriptor, so nothing can be swapped in between, and opening without blocking keeps a FIFO
 * from hanging the process. Never throws.
 */
export function readRegularFile(path: string, open: OpenFile = openSync): FileReading {
  let descriptor: number | undefined;
  try {
    descriptor = open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(descriptor);
    if (stats.isDirectory()) return refused('é um diretório, não um arquivo');
    if (!stats.isFile()) return refused('não é um arquivo comum (FIFO, socket ou dispositivo)');
    if (stats.size > MAX_FILE_BYTES) return refused('o arquivo passa de 50 MB');
    const bytes = readFileSync(descriptor);
    const fingerprint = createHash('sha256').update(bytes).digest('hex');
    return { bytes, fingerprint, warnings: modeWarnings(stats.mode) };
  } catch (thrown) {
    return refused(reasonOf(thrown));
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

const refused = (problem: string): FileReading => ({ problem, fingerprint: `refused: ${problem}` });

/** Only the error's code is looked at: its message would repeat the path and English words. */
function reasonOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'desconhecido';
  if (code === 'ENOENT') return 'o arquivo não existe (ou é um link para um arquivo que não existe)';
  if (code === 'EACCES' || code === 'EPERM') return 'sem permissão para ler o arquivo';
  if (code === 'ELOOP') return 'o link aponta para si mesmo';
  if (code === 'ENXIO') return 'não é um arquivo comum (FIFO, socket ou dispositivo)';
  return `não foi possível ler o arquivo (${code})`;
}

/** POSIX only; 0440 is how orchestrators mount secrets and passes. */
function modeWarnings(mode: number): string[] {
  if (process.platform === 'win32') return [];
  const bits = mode & 0o777;
  const shown = bits.toString(8).padStart(4, '0');
  if ((bits & 0o002) !== 0) {
    return [`PERIGO: qualquer usuário da máquina pode alterar o arquivo (modo ${shown}); use chmod 600`];
  }
  if ((bits & 0o077) !== 0 && bits !== 0o440)
    return [`outros usuários têm acesso ao arquivo (modo ${shown}); use chmod 600`];
  return [];
}
