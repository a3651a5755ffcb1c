/** A repository of GitHub at one commit, and which of its files say how it can be run. */
import { z } from 'zod';
import { type GitHubClient, outOfFormat } from '../discovery/github-client.ts';
import { HubError } from '../problem.ts';
import { COMPOSE_FILES } from '../repositories/compose-file.ts';
import type { Asked, SourceResolver } from './asked.ts';
import { composeForm, type Listed } from './compose-form.ts';
import type { FindPublished } from './published-package.ts';

export interface RepositoryResolverParts {
  readonly github: GitHubClient;
  readonly findPublished: FindPublished;
}

const commitSchema = z.looseObject({
  sha: z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/),
  commit: z.looseObject({ committer: z.looseObject({ date: z.string() }).nullish() }).optional(),
});
const listingSchema = z.array(z.looseObject({ name: z.string(), type: z.string(), size: z.number().catch(0) }));

/** Files at the folder that decide how it can be run. */
const DECIDING =
  /^(?:Dockerfile|(?:docker-)?compose\.ya?ml|package\.json|package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|requirements\.txt|pyproject\.toml|uv\.lock|server\.json|smithery\.yaml)$/;
const CODE = ['package.json', 'requirements.txt', 'pyproject.toml'];
/** Those, and what programs in other languages begin with. */
const PROGRAM =
  /^(?:package\.json|requirements\.txt|pyproject\.toml|setup\.py|go\.mod|Cargo\.toml|deno\.jsonc?|pom\.xml|build\.gradle(?:\.kts)?)$/;
const MAX_MANIFEST_BYTES = 262_144;

export function repositoryResolver({ github, findPublished }: RepositoryResolverParts): SourceResolver {
  return {
    kind: 'repository',
    async resolve(asked, signal) {
      if (asked.kind !== 'repository') throw new TypeError('not a repository');
      const { owner, repository: repo, folder } = asked;
      const { sha, commit } = await commitOf(github, asked, signal);
      const url = `https://github.com/${owner}/${repo}`;
      const read = (path: string, raw: boolean): Promise<unknown> =>
        github.get('core', '/repos/{owner}/{repo}/contents/{+path}', { owner, repo, path, ref: sha }, { signal, raw });
      const listing = listingSchema.safeParse(await read(folder, false));
      if (!listing.success) {
        throw new HubError('fonte_desconhecida', 'O repositório não tem esta pasta.', {
          hint: 'Confira o caminho em github_url.',
        });
      }
      const files = listing.data.filter(({ name, type }) => type === 'file' && DECIDING.test(name));
      const names = files.map(({ name }) => name);
      const when = commit?.committer?.date.slice(0, 10);
      const why = [`Repositório ${url} no commit ${sha.slice(0, 12)}${when === undefined ? '' : `, de ${when}`}.`];
      const manifest = files.find(({ name, size }) => name === 'package.json' && size <= MAX_MANIFEST_BYTES);
      const pathOf = (name: string): string => (folder === '' ? name : `${folder}/${name}`);
      const text = manifest === undefined ? undefined : await read(pathOf(manifest.name), true);
      const published = typeof text === 'string' ? await findPublished(text, { url, folder }, signal) : undefined;
      if (published !== undefined) why.push(published.why);
      why.push(...reasonsOf(names));
      const npm = published?.npm;
      const plain = { kind: 'repository', url, commit: sha, folder, files: names } as const;
      const compose = COMPOSE_FILES.find((name) => names.includes(name));
      const resolved = { source: { ...plain, ...(npm === undefined ? {} : { npm }) }, why, wanted: [] };
      if (compose === undefined || names.includes('Dockerfile')) return resolved;
      const size = files.find(({ name }) => name === compose)?.size ?? 0;
      const content = size > MAX_MANIFEST_BYTES ? undefined : await read(pathOf(compose), true);
      const form = await composeForm(typeof content === 'string' ? content : undefined, {
        file: compose,
        source: plain,
        why,
        hasProgram: listing.data.some(({ name }) => PROGRAM.test(name)),
        list: async (place) => (place === folder ? listing.data : listed(read(place, false))),
      });
      if ('refused' in form) return { ...resolved, against: { docker: form.refused } };
      const { onlyAsked } = form;
      return { ...resolved, ...(onlyAsked === undefined ? {} : { against: { docker: onlyAsked } }), others: [form] };
    },
  };
}

/** @throws HubError when GitHub does not say */
async function listed(asked: Promise<unknown>): Promise<readonly Listed[]> {
  try {
    return listingSchema.safeParse(await asked).data ?? [];
  } catch (thrown) {
    if (thrown instanceof HubError && thrown.code === 'fonte_desconhecida') return [];
    throw thrown;
  }
}

async function commitOf(
  github: GitHubClient,
  { owner, repository: repo, ref = 'HEAD' }: Extract<Asked, { kind: 'repository' }>,
  signal: AbortSignal,
): Promise<z.output<typeof commitSchema>> {
  try {
    const answer = await github.get('core', '/repos/{owner}/{repo}/commits/{ref}', { owner, repo, ref }, { signal });
    return commitSchema.parse(answer);
  } catch (thrown) {
    if (thrown instanceof z.ZodError) throw outOfFormat(thrown);
    // 422 is "No commit found for SHA".
    if (!(thrown instanceof HubError) || !['fonte_desconhecida', 'pedido_recusado'].includes(thrown.code)) throw thrown;
    throw new HubError('fonte_desconhecida', 'O GitHub não tem este repositório, ramo, tag ou commit.', {
      hint: 'Confira github_url; um repositório privado precisa de GITHUB_TOKEN.',
      cause: thrown,
    });
  }
}

function reasonsOf(names: readonly string[]): string[] {
  const isBuilt = names.includes('Dockerfile');
  const compose = COMPOSE_FILES.find((name) => names.includes(name));
  const code = CODE.find((name) => names.includes(name));
  return [
    ...(isBuilt ? ['Tem Dockerfile: pode ser construído e rodar num contêiner.'] : []),
    ...(isBuilt && compose !== undefined ? [`Tem ${compose}, que não é lido: o Dockerfile vem antes.`] : []),
    ...(!isBuilt && code !== undefined
      ? [`Tem ${code} e nenhum Dockerfile: clonado em HUB_LOCAL_DIR, pode ser implantado com folder.`]
      : []),
  ];
}
