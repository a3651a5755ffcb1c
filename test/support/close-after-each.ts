import { afterEach } from 'vitest';

/** What a test puts here is closed when it ends, the last first. */
export function closeAfterEach(): (() => Promise<unknown>)[] {
  const open: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  return open;
}
