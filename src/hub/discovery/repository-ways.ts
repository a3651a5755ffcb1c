/** How a repository could be run, told from the files at its root. Decisions of their arguments alone. */
import { z } from 'zod';
import { sourceAsked } from '../safety/source-grammar.ts';
import type { WayToRun } from './finder.ts';

const manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  private: z.boolean().catch(false).default(false),
  bin: z.unknown(),
});

export interface RepositoryFiles {
  /** `https://github.com/{owner}/{repository}` */
  readonly url: string;
  /** Names at the root. */
  readonly names: ReadonlySet<string>;
  /** Text of its `package.json`. */
  readonly packageJson?: string | undefined;
}

export function repositoryWays({ url, names, packageJson }: RepositoryFiles): readonly WayToRun[] {
  const ways: WayToRun[] = [];
  const npm = packageJson === undefined ? undefined : publishable(packageJson);
  if (npm !== undefined) {
    const why = `O package.json diz ser o pacote npm ${npm}; ao implantar se confere se ele foi publicado deste repositório.`;
    ways.push({ method: 'npx', request: { github_url: url, method: 'npx' }, why });
  }
  const compose = [...names].some((name) => /^(?:docker-)?compose\.ya?ml$/.test(name));
  if (names.has('Dockerfile') || compose) {
    const why = `Tem ${names.has('Dockerfile') ? 'Dockerfile' : 'Compose'}: roda isolado num contêiner.`;
    ways.push({ method: 'docker', request: { github_url: url, method: 'docker' }, why });
  }
  if (npm !== undefined) {
    const why = `Se ${npm} foi publicado deste repositório, roda numa sandbox do E2B, longe desta máquina.`;
    ways.push({ method: 'e2b', request: { github_url: url, method: 'e2b' }, why });
  }
  const source = ['package.json', 'requirements.txt'].find((name) => names.has(name));
  if (source !== undefined) {
    const folder = url.slice(url.lastIndexOf('/') + 1);
    ways.push({
      method: 'local',
      request: { folder, method: 'local' },
      why: `Tem ${source}: depois de copiado para HUB_LOCAL_DIR/${folder}, roda nesta máquina.`,
    });
  }
  return ways;
}

/** `name@version` of a manifest that says it is a program to be published. */
function publishable(text: string): string | undefined {
  let parsed: ReturnType<typeof manifest.safeParse>;
  try {
    parsed = manifest.safeParse(JSON.parse(text));
  } catch {
    return undefined;
  }
  if (!parsed.success || parsed.data.private || parsed.data.bin === undefined) return undefined;
  const pinned = `${parsed.data.name}@${parsed.data.version}`;
  return isPinnedPackage(pinned) ? pinned : undefined;
}

/** Whether a deployment would take it: the very grammar of the safety checks. */
export function isPinnedPackage(text: string): boolean {
  return accepted({ package: text });
}

export function isPinnedImage(text: string): boolean {
  return accepted({ image: text });
}

function accepted(source: { readonly package: string } | { readonly image: string }): boolean {
  try {
    sourceAsked({ method: 'auto', env: {}, args: [], ...source });
    return true;
  } catch {
    return false;
  }
}
