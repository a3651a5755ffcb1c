import { endOrphans, orphanMark } from '../gateway/links/orphans.ts';
import type { Logger } from '../logging/logger.ts';

/** Ends what a killed gateway of this file left running, and gives the variable that our own programs are to be known by. */
export async function markPrograms(configPath: string, logger: Logger): Promise<Record<string, string>> {
  const ended = await endOrphans(configPath);
  if (ended > 0) logger.warn({ ended }, 'programs of a gateway that was killed were ended');
  return orphanMark(configPath);
}
