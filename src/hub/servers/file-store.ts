/** The registry in one file of HUB_DATA_DIR, written whole each time and readable by its owner alone. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { ConfigurationError } from '../../errors.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { replaceFile } from '../../files/replace-file.ts';
import { onDisk } from './data-disk.ts';
import { type ServerRecord, serverRecordSchema } from './server-record.ts';
import type { ServerStore } from './server-store.ts';

const fileSchema = z.object({ version: z.literal(1), servers: z.array(serverRecordSchema) });

export class FileStore implements ServerStore {
  readonly #path: string;
  /** What the file says. */
  #records: ReadonlyMap<string, ServerRecord> = new Map();

  constructor(path: string) {
    this.#path = path;
  }

  async load(): Promise<readonly ServerRecord[]> {
    const text = await readFile(this.#path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw this.#unreadable(error);
    });
    if (text === undefined) return [];
    const file = fileSchema.safeParse(parse(text));
    if (!file.success) throw this.#unreadable(file.error);
    this.#records = new Map(file.data.servers.map((record) => [record.id, record]));
    return file.data.servers;
  }

  async save(record: ServerRecord): Promise<void> {
    await this.#write(new Map([...this.#records, [record.id, record]]));
  }

  async remove(id: string): Promise<void> {
    await this.#write(new Map([...this.#records].filter(([known]) => known !== id)));
  }

  async close(): Promise<void> {}

  async #write(records: ReadonlyMap<string, ServerRecord>): Promise<void> {
    const file: z.input<typeof fileSchema> = { version: 1, servers: [...records.values()] };
    await onDisk(async () => {
      await makeFolder(dirname(this.#path));
      await replaceFile(this.#path, `${JSON.stringify(file, null, 2)}\n`);
    });
    this.#records = records;
  }

  /** A broken file is never replaced: it says which programs run, and with which keys. */
  #unreadable(cause: unknown): ConfigurationError {
    return new ConfigurationError(`O registro do hub, ${this.#path}, não pôde ser lido.`, [], {
      hint: 'Volte à última versão boa do arquivo, ou mova-o para começar sem servidores.',
      cause,
    });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
