/** How a repository could be run, told from the files at its root. Decisions of their arguments alone. */
import { declaredPackage } from '../repositories/declared-package.ts';
import { isLocalFolder } from '../safety/source-grammar.ts';
import type { WayToRun } from './finder.ts';

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
  const declared = packageJson === undefined ? undefined : declaredPackage(packageJson);
  const npm = declared === undefined ? undefined : `${declared.name}@${declared.version}`;
  if (npm !== undefined) {
    const why = `O package.json diz ser o pacote npm ${npm}; ao implantar se confere se ele foi publicado deste repositório.`;
    ways.push({ method: 'npx', request: { github_url: url, method: 'npx' }, why });
  }
  if (names.has('Dockerfile')) {
    const why = 'Tem Dockerfile: roda isolado num contêiner.';
    ways.push({ method: 'docker', request: { github_url: url, method: 'docker' }, why });
  }
  if (npm !== undefined) {
    const why = `Se ${npm} foi publicado deste repositório, roda numa sandbox do E2B, longe desta máquina.`;
    ways.push({ method: 'e2b', request: { github_url: url, method: 'e2b' }, why });
  }
  const source = ['package.json', 'requirements.txt'].find((name) => names.has(name));
  // By owner and name: strangers choose names, and a folder of that name alone may be anything of the operator's.
  const folder = url.split('/').slice(-2).join('/');
  // One that begins with a dot or a dash, say, can be asked for by nobody.
  if (source !== undefined && isLocalFolder(folder)) {
    ways.push({
      method: 'local',
      request: { folder, method: 'local' },
      why: `Tem ${source}: depois de copiado para HUB_LOCAL_DIR/${folder}, roda o que estiver nessa pasta, nesta máquina.`,
    });
  }
  return ways;
}
