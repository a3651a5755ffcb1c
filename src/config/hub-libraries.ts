/** Libraries that the hub loads only when something needs them: an installation for Omie alone stays small without them. */
import { createRequire } from 'node:module';
import type { Environment } from './environment.ts';

interface HubLibrary {
  readonly name: string;
  /** As npm is asked for it. */
  readonly install: string;
  /** What is not possible without it, Portuguese. */
  readonly without: string;
  /** With this setting somebody wants it; `always`: every hub does. */
  readonly wantedBy: 'GEMINI_API_KEY' | 'E2B_API_KEY' | 'DOCKER_HOST' | 'always';
}

const libraries: readonly HubLibrary[] = [
  {
    name: '@octokit/request',
    install: '@octokit/request@10',
    without: 'procurar servidores no GitHub e implantar repositórios (github_url)',
    wantedBy: 'always',
  },
  {
    name: 'dockerode',
    install: 'dockerode@5',
    without: 'executar servidores em contêineres (method docker)',
    wantedBy: 'DOCKER_HOST',
  },
  {
    name: 'tar',
    install: 'tar@7',
    without: 'construir a imagem de um repositório (github_url em contêiner)',
    wantedBy: 'DOCKER_HOST',
  },
  { name: 'e2b', install: 'e2b@2', without: 'executar servidores no E2B (method e2b)', wantedBy: 'E2B_API_KEY' },
  {
    name: '@google/genai',
    install: '@google/genai@2',
    without: 'deixar um modelo fazer uma tarefa (/api/orchestrate)',
    wantedBy: 'GEMINI_API_KEY',
  },
];

export interface MissingLibrary extends Pick<HubLibrary, 'name' | 'without'> {
  /** Whether the settings ask for what it does. */
  readonly wanted: boolean;
  /** The command that brings it. */
  readonly command: string;
}

export type HubLibrarySettings = Pick<Environment, 'GEMINI_API_KEY' | 'E2B_API_KEY' | 'DOCKER_HOST'>;

/** @param isThere whether a package can be loaded; loads nothing */
export function missingLibraries(
  settings: HubLibrarySettings,
  isThere: (name: string) => boolean = isInstalled,
): readonly MissingLibrary[] {
  return libraries
    .filter(({ name }) => !isThere(name))
    .map(({ name, install, without, wantedBy }) => ({
      name,
      without,
      wanted: wantedBy === 'always' || settings[wantedBy] !== undefined,
      command: `npm install ${install}`,
    }));
}

const { resolve } = createRequire(import.meta.url);

/** Found where `import` would find it. A package for `import` alone cannot be resolved so, and is there. */
function isInstalled(name: string): boolean {
  try {
    resolve(name);
    return true;
  } catch (thrown) {
    return !(thrown instanceof Error && 'code' in thrown && thrown.code === 'MODULE_NOT_FOUND');
  }
}
