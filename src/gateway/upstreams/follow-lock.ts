import { watchFile } from '../../files/watch-file.ts';
import type { McpLockFile } from '../trust/mcp-lock-file.ts';
import type { Registry } from './registry.ts';

/**
 * Judges all offers again when `mcp.lock` is another one, so that an approval opens a tool in conversations that are under
 * way. Our own writes are seen too, and judge to the same. Returns the end of it.
 */
export function followLock(lock: McpLockFile, registry: Pick<Registry, 'rescreen'>): () => void {
  return watchFile({
    path: lock.path,
    // Always another: two writes in a row, ours and another process's, may leave what was there before, and yet what we
    // wrote is gone. The first look, too, finds what was approved while the servers connected.
    seen: () => '',
    onChange: () => {
      // A lock that cannot be read is a problem of each server and of the lock, not an error of the judgement.
      const judged = lock.readOrLast().then(() => registry.rescreen());
      judged.catch(() => {});
    },
  });
}
