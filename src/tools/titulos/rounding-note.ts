/** What is said of titles whose amounts Omie gave more exactly than money is counted. */
import type { Title } from '../../finance/title.ts';

const SHOWN_IDS = 5;

/** One sentence about the titles that were summed, or nothing: an Omie with two decimals everywhere is the rule. */
export function roundingNotes(titles: readonly Title[]): string[] {
  const ids = titles.filter((title) => title.rounded).map(({ id }) => id);
  if (ids.length === 0) return [];
  const which = `${ids.slice(0, SHOWN_IDS).join(', ')}${ids.length > SHOWN_IDS ? ', …' : ''}`;
  return [
    `${ids.length} título(s) têm no Omie valores com mais de duas casas decimais; cada um foi arredondado ao centavo ` +
      `mais próximo (ids: ${which}).`,
  ];
}
