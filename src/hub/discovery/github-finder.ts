import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { HubError } from '../problem.ts';
import { isGitHubName } from '../safety/source-grammar.ts';
import type { Candidate, Finder, WayToRun } from './finder.ts';
import { type GitHubClient, outOfFormat } from './github-client.ts';
import { plainText, wordsOf } from './plain-text.ts';
import { repositoryWays } from './repository-ways.ts';

const repository = z.looseObject({
  full_name: z.string().refine(isGitHubName),
  name: z.string(),
  description: z.string().nullable().catch(null),
  stargazers_count: z.number().catch(0),
  pushed_at: z.iso.datetime({ offset: true }).optional().catch(undefined),
  archived: z.boolean().catch(false),
});
type Repository = z.output<typeof repository>;
const searchAnswer = z.looseObject({
  incomplete_results: z.boolean().catch(false),
  items: z.array(z.unknown()),
});
/** GitHub lists as many of a folder. */
const MAX_LISTED = 1_000;
const listing = z
  .array(z.unknown())
  .transform((files) => files.slice(0, MAX_LISTED))
  .pipe(z.array(z.looseObject({ name: z.string(), type: z.string(), size: z.number().catch(0) })));

/** Two more requests each, of 60 an hour without a token. */
const LOOKED_INTO = { withToken: 20, without: 5 };
const MAX_MANIFEST_BYTES = 256 * 1_024;

/** Repositories that GitHub's own search finds, and how the first of them could be run. */
export function githubFinder(client: GitHubClient): Finder {
  // What lay in a repository at one push lies there until the next one.
  const seen = new LRUCache<string, readonly WayToRun[]>({ max: 500 });

  const waysOf = async ({ full_name: name, pushed_at: pushed }: Repository, signal: AbortSignal) => {
    const key = `${name}@${pushed}`;
    const known = seen.get(key);
    if (known !== undefined) return known;
    const [owner = '', repo = ''] = name.split('/');
    const read = (path: string, raw: boolean): Promise<unknown> =>
      client.get('core', '/repos/{owner}/{repo}/contents/{path}', { owner, repo, path }, { signal, raw });
    const files = listing.catch([]).parse(await read('', false).catch(emptyWhereNone));
    const manifest = files.find((file) => file.name === 'package.json' && file.type === 'file');
    const wanted = manifest !== undefined && manifest.size <= MAX_MANIFEST_BYTES;
    const text = wanted ? await read('package.json', true) : undefined;
    const ways = repositoryWays({
      url: `https://github.com/${name}`,
      names: new Set(files.filter(({ type }) => type === 'file').map((file) => file.name)),
      ...(typeof text === 'string' ? { packageJson: text } : {}),
    });
    seen.set(key, ways);
    return ways;
  };

  return {
    origin: 'github',
    async find(query, limit, signal) {
      const q = `${wordsOf(query).join(' ')} mcp in:name,description,topics`;
      const parameters = { q, per_page: Math.min(100, limit), page: 1 };
      const answer = searchAnswer.safeParse(await client.get('search', '/search/repositories', parameters, { signal }));
      if (!answer.success) throw outOfFormat();
      let isPartial = answer.data.incomplete_results;
      const notes = answer.data.incomplete_results ? ['O GitHub não teve tempo de procurar em tudo.'] : [];
      const items = answer.data.items.slice(0, parameters.per_page);
      const found = items.flatMap((item) => repository.safeParse(item).data ?? []);
      if (found.length === 0 && items.length > 0) throw outOfFormat();
      const depth = client.hasToken ? LOOKED_INTO.withToken : LOOKED_INTO.without;
      const candidates: Candidate[] = [];
      let open = true;
      for (const [index, one] of found.entries()) {
        let ways: readonly WayToRun[] = [];
        if (open && index < depth) {
          ways = await waysOf(one, signal).catch((thrown: unknown) => {
            if (!(thrown instanceof HubError) && !isLate(signal)) throw thrown;
            open = false;
            isPartial = true;
            const why = thrown instanceof HubError ? thrown.message : 'o GitHub demorou demais.';
            notes.push(`Só ${index} de ${found.length} repositórios foram abertos: ${why}`);
            return [];
          });
        }
        candidates.push(candidateOf(one, ways));
      }
      if (open && found.length > depth) {
        const more = client.hasToken ? '' : ' GITHUB_TOKEN permite abrir mais.';
        notes.push(`Só os ${depth} primeiros de ${found.length} repositórios foram abertos.${more}`);
      }
      return { candidates, ageMs: 0, notes, ...(isPartial ? { isPartial } : {}) };
    },
  };
}

const isLate = ({ reason }: AbortSignal): boolean => reason instanceof DOMException && reason.name === 'TimeoutError';

/** An empty repository has no contents at all: 404. */
function emptyWhereNone(thrown: unknown): readonly never[] {
  if (thrown instanceof HubError && thrown.code === 'fonte_desconhecida') return [];
  throw thrown;
}

function candidateOf(one: Repository, waysToRun: readonly WayToRun[]): Candidate {
  const { full_name: fullName, description, stargazers_count: stars, pushed_at: updatedAt, archived } = one;
  return {
    name: plainText(fullName, 140),
    description: plainText(description ?? '', 300),
    origin: 'github',
    page: `https://github.com/${fullName}`,
    repository: fullName.toLowerCase(),
    ...(updatedAt === undefined ? {} : { updatedAt }),
    stars,
    archived,
    wanted: [],
    waysToRun,
  };
}
