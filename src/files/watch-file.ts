import { type FSWatcher, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { readRegularFile } from './read-regular-file.ts';

export interface WatchOptions {
  readonly path: string;
  /** The fingerprint its owner knows; a different one on disk is a change. */
  readonly seen: () => string;
  /** Called when the content (or the reason why there is none) differs from `seen`; must bring `seen` up to date. */
  readonly onChange: () => void;
  /** Quiet time before looking, milliseconds: writers rarely finish in one go. Default 200. */
  readonly debounceMs?: number;
  /** How often the file is asked for its stat, milliseconds. Default 500. */
  readonly pollMs?: number;
}

/** Under a steady stream of events we look at least this often, so that a change is seen within 2 s. */
const MAX_WAIT_MS = 1_000;

/**
 * Notices in-place writes, renamed-over files and swapped links within 2 s. The *directory* is watched, because a
 * watch on the file follows the old inode and goes silent after the first replacement; a stat poll of the resolved
 * path covers links to other directories and file systems without events. Holds no process open. Returns the stop.
 */
export function watchFile(options: WatchOptions): () => void {
  const { path, seen, onChange, debounceMs = 200, pollMs = 500 } = options;
  let timer: NodeJS.Timeout | undefined;
  let firstSignalAt = 0;
  let lastStat = statText(path);

  const look = (): void => {
    timer = undefined;
    if (readRegularFile(path).fingerprint !== seen()) onChange();
  };
  const signal = (): void => {
    const now = performance.now();
    if (timer === undefined) firstSignalAt = now;
    clearTimeout(timer);
    timer = setTimeout(look, Math.max(0, Math.min(debounceMs, firstSignalAt + MAX_WAIT_MS - now))).unref();
  };

  const watcher = watchDirectory(path, signal);
  const poll = setInterval(() => {
    const text = statText(path);
    if (text === lastStat) return;
    lastStat = text;
    signal();
  }, pollMs).unref();
  // Whatever happened between the owner's first load and this watch.
  signal();

  return () => {
    clearTimeout(timer);
    clearInterval(poll);
    watcher?.close();
  };
}

/** Undefined where directories cannot be watched (some network mounts, no inotify left): the poll goes on alone. */
function watchDirectory(path: string, signal: () => void): FSWatcher | undefined {
  const name = basename(path);
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
      // Mounted secrets change by a swap of the link `..data` beside the file.
      if (changed === null || changed === name || changed.startsWith('..')) signal();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

/** Identity, size and times of what the path leads to, in nanoseconds. */
function statText(path: string): string {
  try {
    const { dev, ino, size, mode, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
    return [dev, ino, size, mode, mtimeNs, ctimeNs].join(':');
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'unknown';
  }
}
