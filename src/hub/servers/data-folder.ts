/** HUB_DATA_DIR belongs to one hub: two would start every server twice, and write over each other's registry. */
import { join } from 'node:path';
import { ConfigurationError } from '../../errors.ts';
import { HeldByAnotherError, holdFile, LOCK_TOUCH_MS } from '../../files/held-file.ts';
import { makeFolder } from '../../files/make-folder.ts';
import type { Logger } from '../../logging/logger.ts';

export interface HeldFolder {
  release(): Promise<void>;
}

/** @throws ConfigurationError when it cannot be made or written to, or another hub holds it */
export async function holdDataFolder(dataDir: string, logger: Logger): Promise<HeldFolder> {
  await makeDataFolder(dataDir);
  const held = await holdFile(join(dataDir, 'hub.lock')).catch((cause: unknown) => {
    throw unusable(dataDir, cause);
  });
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

/** @throws ConfigurationError when there is no such folder and none can be made */
export async function makeDataFolder(dataDir: string): Promise<void> {
  await makeFolder(dataDir).catch((cause: unknown) => {
    throw unusable(dataDir, cause);
  });
}

function unusable(dataDir: string, cause: unknown): ConfigurationError {
  const why = cause instanceof HeldByAnotherError ? `${cause.holder} já tem um hub nesta pasta` : reasonOf(cause);
  return new ConfigurationError(`HUB_DATA_DIR não pode ser usada: ${why}: ${dataDir}`, ['HUB_DATA_DIR'], {
    hint: 'Dê a cada hub uma pasta própria, em que este usuário possa escrever.',
    cause,
  });
}

const reasons: Readonly<Record<string, string>> = {
  EEXIST: 'não é uma pasta, ou é um link para uma que não existe',
  ENOTDIR: 'passa por um arquivo, não só por pastas',
  ENOENT: 'ali não se cria nada',
  EACCES: 'falta permissão para escrever',
  EPERM: 'falta permissão para escrever',
  EROFS: 'o disco é só de leitura',
  ELOOP: 'o link aponta para si mesmo',
  ENOSPC: 'o disco está cheio',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'sem motivo';
  return reasons[code] ?? `a pasta não pôde ser criada ou escrita (${code})`;
}
