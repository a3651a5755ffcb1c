import type { Candidate } from './finder.ts';
import { wordsOf } from './plain-text.ts';

export interface Ranked {
  readonly candidate: Candidate;
  readonly score: number;
  /** Every word that was asked for is in its name. */
  readonly named: boolean;
  /** What its place is made of, Portuguese; the points in brackets add up to the score. */
  readonly why: readonly string[];
}

type Reason = readonly [points: number, why: string];

const DAY_MS = 86_400_000;

/**
 * Best first; of equals the one whose name comes first, so that the order never depends on who answered earlier. What the
 * name says counts most: stars and freshness are easily had, a proven name is not.
 */
export function rank(candidates: readonly Candidate[], query: string, now: Date): readonly Ranked[] {
  const words = wordsOf(query);
  return candidates
    .map((candidate): Ranked => {
      const reasons = [
        ...nameReasons(candidate, words),
        ...makerReasons(candidate),
        ...freshness(candidate, now),
        ...runReasons(candidate),
      ].filter(([points]) => points !== 0);
      const score = reasons.reduce((sum, [points]) => sum + points, 0);
      const own = ownName(candidate);
      const named = words.every((word) => own.includes(word));
      return {
        candidate,
        score,
        named,
        why: reasons.map(([points, why]) => `${why} (${points > 0 ? '+' : ''}${points})`),
      };
    })
    .toSorted((a, b) => b.score - a.score || (a.candidate.name < b.candidate.name ? -1 : 1));
}

function nameReasons({ name, description }: Candidate, words: readonly string[]): Reason[] {
  const own = ownName({ name });
  const plain = (text: string): string =>
    wordsOf(text)
      .filter((word) => word !== 'mcp' && word !== 'server')
      .join(' ');
  const asked = plain(words.join(' '));
  if (asked !== '' && plain(own) === asked) return [[50, 'o nome é exatamente o que foi pedido']];
  const inName = words.filter((word) => own.includes(word));
  const inText = words.filter((word) => !inName.includes(word) && description.toLowerCase().includes(word));
  const share = (found: readonly string[], points: number): number =>
    words.length === 0 ? 0 : Math.round((points * found.length) / words.length);
  return [
    [share(inName, 30), `no nome: ${inName.join(', ')}`],
    [share(inText, 10), `na descrição: ${inText.join(', ')}`],
  ];
}

const ownName = ({ name }: Pick<Candidate, 'name'>): string => name.slice(name.lastIndexOf('/') + 1).toLowerCase();

function makerReasons({ verified, stars = 0, archived = false }: Candidate): Reason[] {
  return [
    [verified === undefined ? 0 : 15, verified ?? ''],
    // 10 stars 4 points, 1000 stars 12, and never more than 20.
    [Math.min(20, Math.round(4 * Math.log10(Math.max(1, stars)))), `${stars} estrelas`],
    [archived ? -30 : 0, 'arquivado: ninguém mais cuida dele'],
  ];
}

function freshness({ updatedAt }: Candidate, now: Date): Reason[] {
  if (updatedAt === undefined) return [];
  const days = Math.max(0, Math.floor((now.getTime() - Date.parse(updatedAt)) / DAY_MS));
  const text = `mudou há ${days === 1 ? '1 dia' : `${days} dias`}`;
  if (days <= 90) return [[10, text]];
  if (days <= 365) return [[5, text]];
  return days > 730 ? [[-5, text]] : [];
}

function runReasons({ waysToRun }: Candidate): Reason[] {
  const deployable = waysToRun.some(({ method }) => method !== 'remote');
  return [
    [deployable ? 10 : 0, `pode ser executado com ${[...new Set(waysToRun.map(({ method }) => method))].join(', ')}`],
  ];
}
