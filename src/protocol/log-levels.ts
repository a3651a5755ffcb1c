/** The levels of RFC 5424, as MCP names them, the least severe first (server/utilities/logging). */
export const LOG_LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const KNOWN: ReadonlySet<unknown> = new Set(LOG_LEVELS);

export function isLogLevel(level: unknown): level is LogLevel {
  return KNOWN.has(level);
}
