/** All finders asked at once; one that fails is named, and what the others found is given. */
import { HubError } from '../problem.ts';
import type { Candidate, Finder, Found } from './finder.ts';
import { merge } from './merge.ts';
import { wordsOf } from './plain-text.ts';
import { type Ranked, rank } from './rank.ts';

export type SourceReport =
  | { readonly source: Finder['origin']; readonly found: Found }
  | { readonly source: Finder['origin']; readonly problem: HubError };

export interface Discovered {
  readonly ranked: readonly Ranked[];
  readonly sources: readonly SourceReport[];
}

export class Discovery {
  readonly #finders: readonly Finder[];
  readonly #now: () => Date;

  constructor(finders: readonly Finder[], now: () => Date) {
    this.#finders = finders;
    this.#now = now;
  }

  /**
   * @param limit how many at most, best first
   * @throws HubError when no source answered; CancelledError when the caller leaves
   */
  async find(
    query: string,
    {
      limit,
      sources,
      signal,
    }: { limit: number; sources?: readonly Finder['origin'][] | undefined; signal: AbortSignal },
  ): Promise<Discovered> {
    if (wordsOf(query).length === 0) {
      throw new HubError('pedido_recusado', 'A busca não tem nenhuma palavra.', {
        errors: [{ field: 'query', message: 'deve ter letras ou números' }],
        hint: 'Diga em poucas palavras o que o servidor deve fazer, por exemplo postgres.',
      });
    }
    const asked = this.#finders.filter(({ origin }) => sources === undefined || sources.includes(origin));
    const reports = await Promise.all(asked.map((finder) => report(finder, query, limit, signal)));
    const problems = reports.flatMap((one) => ('problem' in one ? [one.problem] : []));
    if (problems.length === reports.length) throw allFailed(problems);
    const of = (origin: Finder['origin']): readonly Candidate[] =>
      reports.flatMap((one) => (one.source === origin && 'found' in one ? one.found.candidates : []));
    const ranked = rank(merge(of('registry'), of('github')), query, this.#now());
    return { ranked: ranked.slice(0, limit), sources: reports };
  }
}

async function report(finder: Finder, query: string, limit: number, signal: AbortSignal): Promise<SourceReport> {
  try {
    return { source: finder.origin, found: await finder.find(query, limit, signal) };
  } catch (thrown) {
    if (thrown instanceof HubError) return { source: finder.origin, problem: thrown };
    throw thrown;
  }
}

/** The one problem as it is; of several, one that can be waited for as long as the shortest wait. */
function allFailed(problems: readonly HubError[]): HubError {
  const [first] = problems;
  if (first === undefined) return new HubError('pedido_recusado', 'Nenhuma fonte foi pedida.');
  if (problems.length === 1) return first;
  const waits = problems.flatMap(({ retryAfterMs }) => retryAfterMs ?? []);
  return new HubError('fonte_indisponivel', problems.map(({ message }) => message).join(' '), {
    hint: first.hint,
    ...(waits.length === 0 ? {} : { retryAfterMs: Math.min(...waits) }),
    cause: first,
  });
}
