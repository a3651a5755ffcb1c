import { access, constants, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Environment } from '../config/environment.ts';
import { type HubLibrarySettings, type MissingLibrary, missingLibraries } from '../config/hub-libraries.ts';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';

/**
 * Where the hub keeps what it deploys: a folder that it may write to, or make. Nothing is made here. And the libraries that
 * it does without.
 */
export function checkHub(
  { HUB_ENABLED, HUB_DATA_DIR, ...settings }: Pick<Environment, 'HUB_ENABLED' | 'HUB_DATA_DIR'> & HubLibrarySettings,
  isThere?: (name: string) => boolean,
): Check {
  return {
    name: 'hub',
    async run() {
      if (!HUB_ENABLED) return [];
      return [
        await findingOnFolder(resolve(HUB_DATA_DIR)),
        ...missingLibraries(settings, isThere).map(findingOnLibrary),
      ];
    },
  };
}

async function findingOnFolder(folder: string): Promise<Finding> {
  const there = await nearest(folder);
  const why = await whyNotWritable(there);
  if (why !== undefined) {
    const advice = 'Dê ao hub uma pasta em que o usuário dele possa escrever (HUB_DATA_DIR).';
    return problem(`hub: ${folder} não pode ser usada: ${there} ${why}`, advice);
  }
  if (there === folder) return ok(`hub: ${folder} aceita escrita`);
  // Only making it would tell: in /proc, say, nothing can be made, whatever the rights there are.
  return ok(`hub: ${folder} ainda não existe; o início a criará, se ${there} deixar`);
}

function findingOnLibrary({ name, without, wanted, command }: MissingLibrary): Finding {
  const what = `hub: sem o pacote ${name} não dá para ${without}`;
  return wanted ? warning(what, `Instale-o ao lado do hub: ${command}.`) : ok(`${what}; as variáveis não o pedem`);
}

/** The path itself, or what of it is there already. */
async function nearest(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere || dirname(path) === path ? path : nearest(dirname(path));
}

async function whyNotWritable(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isDirectory()) return 'não é uma pasta';
    await access(path, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `não aceita escrita (${error instanceof Error && 'code' in error ? error.code : 'sem motivo'})`;
  }
}
