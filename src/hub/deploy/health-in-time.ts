import type { Health } from '../runners/runner.ts';

/**
 * What a runner says of a server, or that it did not say it in time.
 *
 * @param limitMs who asks waits for the answer, and so does the next thing that is to happen to the server
 * @throws as `asking` does in time
 */
export async function healthInTime(asking: Promise<Health>, limitMs = 5_000): Promise<Health> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Health>((resolve) => {
    const detail = `o executor não disse em ${limitMs / 1_000} s como ele está`;
    timer = setTimeout(resolve, limitMs, { healthy: false, unknown: true, detail });
  });
  try {
    return await Promise.race([asking, late]);
  } finally {
    clearTimeout(timer);
  }
}
