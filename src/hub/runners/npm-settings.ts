import { join } from 'node:path';

export interface NpmParts {
  /** HUB_DATA_DIR, absolute. */
  readonly dataDir: string;
  readonly installerEnvironment: Readonly<Record<string, string>>;
  /** HUB_NPM_REGISTRY. */
  readonly npmRegistry?: string | undefined;
}

/** How npm is called, whatever for: the operator's own settings, and a cache that is ours. */
export interface NpmSettings {
  readonly env: Readonly<Record<string, string>>;
  readonly registryArgs: readonly string[];
}

export function npmSettings({ dataDir, installerEnvironment, npmRegistry }: NpmParts): NpmSettings {
  return {
    env: { ...installerEnvironment, npm_config_cache: join(dataDir, 'npm-cache') },
    registryArgs: [
      // Its own patience is minutes, and somebody waits for the answer.
      '--fetch-retries=1',
      '--fetch-retry-mintimeout=1000',
      ...(npmRegistry === undefined ? [] : [`--registry=${npmRegistry}`]),
    ],
  };
}
