/** HUB_DATA_DIR belongs to one hub: two would start every server twice, and write over each other's registry. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigurationError } from '../../errors.ts';
import { HeldByAnotherError, type HeldFile, holdFile, LOCK_TOUCH_MS } from '../../files/held-file.ts';
import type { Logger } from '../../logging/logger.ts';

export interface HeldFolder {
  release(): Promise<void>;
}

/** @throws ConfigurationError when it cannot be made or written to, or another hub holds it */
export async function holdDataFolder(dataDir: string, logger: Logger): Promise<HeldFolder> {
  let held: HeldFile;
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    held = await holdFile(join(dataDir, 'hub.lock'));
  } catch (cause) {
    const why =
      cause instanceof HeldByAnotherError
        ? `${cause.holder} já tem um hub nesta pasta`
        : `a pasta não pôde ser criada ou escrita (${codeOf(cause)})`;
    throw new ConfigurationError('HUB_DATA_DIR não pode ser usada.', [`HUB_DATA_DIR: ${why}: ${dataDir}`], {
      hint: 'Dê a cada hub uma pasta própria, em que este usuário possa escrever.',
      cause,
    });
  }
  const touch = setInterval(() => {
    held.keep().catch((err: unknown) => logger.warn({ err }, 'hub.lock could not be touched'));
  }, LOCK_TOUCH_MS);
  touch.unref();
  return {
    async release() {
      clearInterval(touch);
      await held.release();
    },
  };
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'sem motivo';
