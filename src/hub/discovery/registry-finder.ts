import { PAGE, type RegistryClient } from '../registry/registry-client.ts';
import type { AskNpmRegistries } from '../runners/npm-registries.ts';
import type { Candidate, Finder } from './finder.ts';
import { wordsOf } from './plain-text.ts';
import { candidateOfEntry } from './registry-entry.ts';

export interface RegistryFinderParts {
  readonly client: RegistryClient;
  readonly npmRegistries: AskNpmRegistries;
}

/** For each word; a registry that pages on for ever is left. */
const MAX_PAGES = 3;
/** The registry's search is one piece of the name: each word is asked for on its own. */
const MAX_WORDS = 3;

export function registryFinder({ client, npmRegistries }: RegistryFinderParts): Finder {
  const search = async (word: string, signal: AbortSignal, notes: string[]): Promise<Candidate[]> => {
    const found: Candidate[] = [];
    const { own, standard } = await npmRegistries(signal);
    const cursors = new Set<string>();
    for (let count = 0, cursor: string | undefined; ; count += 1) {
      if (count === MAX_PAGES) {
        notes.push(
          `O registro tem mais de ${found.length} servidores com "${word}" no nome; use uma palavra mais precisa.`,
        );
        return found;
      }
      const { entries, given, next } = await client.list(word, cursor, signal);
      if (given > PAGE)
        notes.push(`O registro deu mais servidores do que se pediu: só ${PAGE} de ${given} foram lidos.`);
      for (const entry of entries) {
        const candidate = candidateOfEntry(entry, [own, standard]);
        if (candidate !== undefined) found.push(candidate);
      }
      if (next === undefined || cursors.has(next)) return found;
      cursors.add(next);
      cursor = next;
    }
  };

  return {
    origin: 'registry',
    async find(query, _limit, signal) {
      const notes: string[] = [];
      const found = new Map<string, Candidate>();
      for (const word of searched(query)) {
        for (const candidate of await search(word, signal, notes)) found.set(candidate.name, candidate);
      }
      return { candidates: [...found.values()], ageMs: 0, notes };
    },
  };
}

/** Words that every server has in its name find nothing in particular. */
function searched(query: string): readonly string[] {
  const words = wordsOf(query);
  const telling = words.filter((word) => word !== 'mcp' && word !== 'server');
  return (telling.length > 0 ? telling : words).slice(0, MAX_WORDS);
}
