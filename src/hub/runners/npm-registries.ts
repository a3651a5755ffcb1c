import { devNull } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../logging/logger.ts';
import { askNpm } from './npm-question.ts';

export interface NpmRegistryParts {
  /** HUB_DATA_DIR, absolute. */
  readonly dataDir: string;
  readonly logger: Logger;
  readonly installerEnvironment: Readonly<Record<string, string>>;
  /** HUB_NPM_REGISTRY. */
  readonly npmRegistry?: string | undefined;
}

/** Hosts, with a port where there is one; undefined when npm does not say. */
export interface NpmRegistries {
  /** The one that packages are installed from. */
  readonly own: string | undefined;
  /** The public one, for which the operator's own may stand. */
  readonly standard: string | undefined;
}

export type AskNpmRegistries = (signal: AbortSignal) => Promise<NpmRegistries>;

/** Asks npm itself, until it has said: what the operator has set is then what is told. */
export function askNpmRegistries(parts: NpmRegistryParts): AskNpmRegistries {
  const { dataDir: cwd, logger, installerEnvironment, npmRegistry } = parts;
  let known: NpmRegistries | undefined;

  const ask = async (env: Readonly<Record<string, string>>, signal: AbortSignal): Promise<string | undefined> => {
    const { stdout } = await askNpm(['config', 'get', 'registry'], { cwd, env, logger, signal });
    return hostOf(stdout.trim());
  };

  return async (signal) => {
    if (known !== undefined) return known;
    const [own, standard] = await Promise.all([
      npmRegistry === undefined ? ask(installerEnvironment, signal) : hostOf(npmRegistry),
      ask(withoutSettings(installerEnvironment, cwd), signal),
    ]);
    if (own !== undefined && standard !== undefined) known = { own, standard };
    return { own, standard };
  };
}

/** npm refuses to read one file as two kinds of settings, so each is given an empty one of its own. */
function withoutSettings(env: Readonly<Record<string, string>>, folder: string): Record<string, string> {
  const others = Object.entries(env).filter(([name]) => !/^npm_config_/i.test(name));
  return {
    ...Object.fromEntries(others),
    npm_config_userconfig: devNull,
    npm_config_globalconfig: join(folder, 'no-npmrc'),
  };
}

function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).host : undefined;
}
