import { ConfigurationError } from '../errors.ts';
import { HeldByAnotherError, type HeldFile, holdFile } from '../files/held-file.ts';

/**
 * One log, one writer: two chains in one file would both be broken.
 *
 * @throws ConfigurationError naming the holder when somebody else writes to the log.
 */
export async function lockAudit(path: string): Promise<HeldFile> {
  try {
    return await holdFile(path);
  } catch (error) {
    if (!(error instanceof HeldByAnotherError)) throw error;
    throw new ConfigurationError(
      `AUDIT_LOG: ${error.holder} já escreve neste log (${path}). Dê a cada processo o seu arquivo, por exemplo com {host} no caminho.`,
    );
  }
}
