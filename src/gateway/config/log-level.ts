import type { Orchestration } from './gateway-config.ts';

/**
 * The level of the gateway's log lines as the file says it.
 *
 * @param quiet whoever made the logger wants no lines, whatever the file says
 */
export function logLevelOf({ enableLogging, logLevel }: Orchestration, quiet: boolean): string {
  return quiet || !enableLogging ? 'silent' : logLevel;
}
