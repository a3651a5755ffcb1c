/** Where pins are kept: beside the gateway file, or in the data folder of a hub that has no such file. */
import { join, resolve } from 'node:path';
import { environmentSchema } from '../config/environment.ts';
import { readVariables, type Variables } from '../config/load-config.ts';
import { ConfigurationError } from '../errors.ts';
import { isFolder } from '../files/is-folder.ts';
import { readRegularFile } from '../files/read-regular-file.ts';
import { LOCK_FILE_NAME, lockPathFor, McpLockFile } from '../gateway/trust/mcp-lock-file.ts';
import { wrongUsage } from './gateway-file.ts';

/**
 * The lock beside the gateway file that was given, and no other: nobody agrees to what they did not name. Else the one that
 * a server of these settings uses, beside `GATEWAY_CONFIG` (a hub with a gateway file keeps the pins of what it deployed
 * there too) or in the data folder of the hub.
 *
 * @throws CommanderError (wrong usage) when nothing says where; ConfigurationError when there is no such file or folder:
 * beside a wrong name nothing would ever wait
 */
export function lockFile(given: string | undefined, variables: Variables = readVariables()): McpLockFile {
  const file = given ?? (variables['GATEWAY_CONFIG'] || undefined);
  if (file !== undefined) return new McpLockFile(lockBeside(resolve(file)));
  if (!hasHub(variables)) {
    throw wrongUsage('Diga o arquivo do gateway, ou defina GATEWAY_CONFIG; para servidores do hub, HUB_DATA_DIR.');
  }
  const folder = resolve(variables['HUB_DATA_DIR'] || environmentSchema.shape.HUB_DATA_DIR.parse(undefined));
  if (!isFolder(folder)) throw noFolder(folder);
  return new McpLockFile(join(folder, LOCK_FILE_NAME));
}

function hasHub(variables: Variables): boolean {
  const enabled = environmentSchema.shape.HUB_ENABLED.safeParse(variables['HUB_ENABLED'] || undefined);
  return enabled.data === true || Boolean(variables['HUB_DATA_DIR']);
}

function lockBeside(file: string): string {
  const reading = readRegularFile(file);
  if ('problem' in reading) throw new ConfigurationError(`${file}: ${reading.problem}.`);
  return lockPathFor(file);
}

function noFolder(folder: string): ConfigurationError {
  return new ConfigurationError(`${folder}: a pasta do hub não existe.`, [], {
    hint: 'Rode o comando na pasta e com as variáveis do servidor, ou defina HUB_DATA_DIR.',
  });
}
