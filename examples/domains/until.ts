import { setTimeout as wait } from 'node:timers/promises';

/** Looks again and again until it is so. @throws when it is not after a minute */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`waited a minute for ${what}`);
    await wait(50);
  }
}
