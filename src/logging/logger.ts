import { pino } from 'pino';
import { batchedLines } from './batched-lines.ts';
import type { SecretScrubber } from './redact.ts';
import { scrubJson } from './scrub-json.ts';

export type Logger = pino.Logger;

export interface LoggerOptions {
  readonly level: string;
  /** The last gate: every line passes through it, whatever put a secret there. */
  readonly scrubber: SecretScrubber;
  /** Where lines go; stderr unless a test wants them. stdout belongs to MCP. */
  readonly write?: ((line: string) => void) | undefined;
}

/** One for all loggers: stderr is the process's. */
const toStderr = batchedLines((lines) => process.stderr.write(lines));

/** Structured logs, one JSON line an event, always to stderr. */
export function createLogger({ level, scrubber, write = toStderr }: LoggerOptions): Logger {
  return pino({ level, base: null, messageKey: 'msg' }, { write: (line: string) => write(cleanLine(line, scrubber)) });
}

/** Still JSON wherever possible, and without secrets in any case. */
function cleanLine(line: string, scrubber: SecretScrubber): string {
  if (scrubber.scrub(line) === line) return line;
  return scrubber.scrub(scrubJson(line, (text) => scrubber.scrub(text)));
}
