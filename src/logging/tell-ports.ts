import type { Logger } from './logger.ts';

/**
 * Says where the process listens: at `info`, but whatever the level when the system chose one of the ports (0 was asked
 * for), since nobody could find it otherwise.
 */
export function tellPorts(
  logger: Logger,
  asked: readonly (number | undefined)[],
  where: object,
  message: string,
): void {
  const teller = asked.includes(0) ? logger.child({}, { level: 'info' }) : logger;
  teller.info(where, message);
}
