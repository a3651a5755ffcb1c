/** What the two client commands share: how their flags are read and how Ctrl+C reaches them. */
import { CommanderError } from 'commander';

/** The part of the environment the client commands may use; read in `config/`, handed in here. */
export interface ClientEnvironment {
  /** `MCP_AUTH_TOKEN`; `--token` wins over it. */
  readonly token?: string | undefined;
}

const usageExitCode = 2;

export function readUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return value;
  throw usageError(`--url precisa ser um endereço http:// ou https://, e não "${value}".`);
}

export function readCompanies(value: string): string[] {
  const ids = value
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '');
  if (ids.length > 0) return ids;
  throw usageError('--companies precisa de ao menos um id, separados por vírgula.');
}

/** A day at most: beyond about 24 days a Node timer fires at once. */
export function readInterval(value: string): number {
  const seconds = Number(value);
  if (value.trim() !== '' && seconds >= 1 && seconds <= 86_400) return seconds;
  throw usageError('--interval precisa ser um número de segundos entre 1 e 86400.');
}

/**
 * Runs with a signal that Ctrl+C (or a stop from the system) aborts. A second Ctrl+C ends the process the hard way.
 */
export async function withInterrupt<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  try {
    return await run(controller.signal);
  } finally {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
  }
}

function usageError(message: string): CommanderError {
  return new CommanderError(usageExitCode, 'commander.invalidArgument', message);
}
