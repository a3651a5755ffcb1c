/** Where pins are kept: beside the gateway file, and in the data folder of a hub that has no such file. */
import { join, resolve } from 'node:path';
import { environmentSchema } from '../config/environment.ts';
import { readVariables, type Variables } from '../config/load-config.ts';
import { ConfigurationError } from '../errors.ts';
import { isFolder } from '../files/is-folder.ts';
import { readRegularFile } from '../files/read-regular-file.ts';
import { LOCK_FILE_NAME, lockPathFor, McpLockFile } from '../gateway/trust/mcp-lock-file.ts';
import { wrongUsage } from './gateway-file.ts';

/**
 * The lock of the gateway file that was given (else `GATEWAY_CONFIG`), and the one that a hub of these settings uses.
 *
 * @throws CommanderError (wrong usage) when nothing says where; ConfigurationError when there is no such file or folder:
 * beside a wrong name nothing would ever wait
 */
export function lockFiles(given: string | undefined, variables: Variables = readVariables()): readonly McpLockFile[] {
  const configured = variables['GATEWAY_CONFIG'] || undefined;
  const file = given ?? configured;
  const paths = new Set<string>();
  if (file !== undefined) paths.add(lockBeside(resolve(file)));
  // A hub with a gateway file keeps the pins of what it deployed there too.
  if (hasHub(variables) && configured !== undefined) paths.add(lockPathFor(resolve(configured)));
  else if (hasHub(variables)) {
    const folder = resolve(variables['HUB_DATA_DIR'] || environmentSchema.shape.HUB_DATA_DIR.parse(undefined));
    if (isFolder(folder)) paths.add(join(folder, LOCK_FILE_NAME));
    else if (file === undefined) throw noFolder(folder);
  }
  if (paths.size === 0) {
    throw wrongUsage('Diga o arquivo do gateway, ou defina GATEWAY_CONFIG; para servidores do hub, HUB_DATA_DIR.');
  }
  return [...paths].map((path) => new McpLockFile(path));
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
