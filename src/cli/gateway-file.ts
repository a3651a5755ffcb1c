import { CommanderError } from 'commander';
import { loadConfig } from '../config/load-config.ts';

/** The gateway file that was given, else `GATEWAY_CONFIG`. @throws CommanderError (wrong usage) when there is neither */
export function gatewayFile(path: string | undefined): string {
  const known = path ?? (loadConfig().variables['GATEWAY_CONFIG'] || undefined);
  if (known !== undefined) return known;
  throw wrongUsage('Diga o arquivo do gateway, ou defina GATEWAY_CONFIG.');
}

/** Says what is wrong, and ends with exit code 2. */
export function wrongUsage(message: string): CommanderError {
  process.stderr.write(`${message}\n`);
  return new CommanderError(2, 'gateway.usage', message);
}
