/** A name that stands in one server's list more than once: nobody could say which of them an approval or a call is about. */
import { shorten } from '../../shorten.ts';
import { cleanText } from '../trust/clean-text.ts';
import { isSameDefinition } from '../trust/pins.ts';
import type { RawTool } from './offer.ts';

/** Of many, so many are told by name. */
const MAX_TOLD = 10;

export interface SingleTools {
  readonly tools: readonly RawTool[];
  /** Portuguese; undefined when no name is repeated. */
  readonly problem: string | undefined;
}

/** Each name once: the first of those that are the same, and none of those that differ. */
export function singleTools(listed: readonly RawTool[]): SingleTools {
  const first = new Map<string, RawTool>();
  const repeated = new Set<string>();
  const unclear = new Set<string>();
  for (const tool of listed) {
    const before = first.get(tool.name);
    if (before === undefined) first.set(tool.name, tool);
    else {
      repeated.add(tool.name);
      if (!isSameDefinition(before, tool)) unclear.add(tool.name);
    }
  }
  if (repeated.size === 0) return { tools: listed, problem: undefined };
  const same = [...repeated].filter((name) => !unclear.has(name));
  const problems = [
    ...(unclear.size === 0 ? [] : [`com definições diferentes e por isso fora: ${named([...unclear])}`]),
    ...(same.length === 0 ? [] : [`iguais, das quais vale uma: ${named(same)}`]),
  ];
  return {
    tools: [...first.values()].filter(({ name }) => !unclear.has(name)),
    problem: `ferramentas repetidas na lista, ${problems.join('; ')}`,
  };
}

function named(names: readonly string[]): string {
  const told = names.slice(0, MAX_TOLD).map((name) => `"${shorten(cleanText(name), 80)}"`);
  const rest = names.length - told.length;
  return told.join(', ') + (rest > 0 ? ` e mais ${rest}` : '');
}
