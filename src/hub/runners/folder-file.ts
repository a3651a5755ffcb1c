/** A file that a folder of somebody else's says things with: read within bounds, whatever lies in its place. */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { HubError } from '../problem.ts';

const MAX_BYTES = 1_048_576;

/**
 * Never waits for a pipe that nobody writes to, and reads no device, however its name leads there.
 *
 * @returns undefined where there is none of this name
 * @throws HubError (`pedido_recusado`) for what is no file, is not to be read, or is too large; the signal's reason
 */
export async function textIn(folder: string, name: string, signal: AbortSignal): Promise<string | undefined> {
  signal.throwIfAborted();
  const file = await openIn(folder, name);
  if (file === undefined) return undefined;
  try {
    if (!(await file.stat()).isFile()) refuse(name);
    // What stat says of its size may be another by now, and is 0 of files that the system makes up.
    const bytes = Buffer.alloc(MAX_BYTES + 1);
    let size = 0;
    for (let more = 1; more > 0 && size <= MAX_BYTES; size += more) {
      signal.throwIfAborted();
      more = (await file.read(bytes, size, bytes.length - size).catch(() => refuse(name))).bytesRead;
    }
    return size > MAX_BYTES ? refuse(name) : bytes.toString('utf8', 0, size);
  } finally {
    await file.close();
  }
}

async function openIn(folder: string, name: string): Promise<FileHandle | undefined> {
  try {
    return await open(join(folder, name), constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : refuse(name);
  }
}

function refuse(name: string): never {
  throw new HubError('pedido_recusado', `${name} não é um arquivo comum, de até 1 MB, que o hub possa ler.`, {
    hint: 'Ponha ali o arquivo mesmo, com leitura para o usuário que executa o hub.',
  });
}
