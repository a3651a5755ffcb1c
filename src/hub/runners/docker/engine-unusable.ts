import { access, constants } from 'node:fs/promises';
import { HubError } from '../../problem.ts';
import { type EngineAddress, engineAddress } from './engine-address.ts';
import { openEngine } from './open-engine.ts';

export const BAD_HOST = 'DOCKER_HOST deve ser unix:///caminho ou tcp://servidor:porta; ssh e TLS não são usados aqui.';
const PING_MS = 3_000;

/** Why no container can run here, Portuguese; undefined when one can. A socket that is not there costs nothing. */
export async function engineUnusable(dockerHost: string): Promise<string | undefined> {
  const address = engineAddress(dockerHost);
  if (address === undefined) return BAD_HOST;
  if ('socketPath' in address && !(await canOpen(address.socketPath))) {
    return `O hub não encontra (ou não pode abrir) o Docker Engine em ${address.socketPath}; DOCKER_HOST diz onde ele está.`;
  }
  try {
    await answers(address);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof HubError) return [thrown.message, thrown.hint].join(' ');
    return `O Docker Engine não responde em ${dockerHost}.`;
  }
}

async function answers(address: EngineAddress): Promise<void> {
  const engine = await openEngine(address);
  // Sooner than any other call: whether there is an Engine at all.
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(reject, PING_MS, new Error('no answer in time'));
  });
  await Promise.race([engine.ping(), late]).finally(() => clearTimeout(timer));
}

const canOpen = (path: string): Promise<boolean> =>
  access(path, constants.R_OK | constants.W_OK).then(
    () => true,
    () => false,
  );
