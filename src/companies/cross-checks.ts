import { quoted } from '../files/json-path.ts';
import type { CompanyCredentials } from './company.ts';
import { nameKey } from './name-key.ts';

/** Where, and what is wrong there. */
export type Finding = readonly [path: readonly string[], message: string];

/** Ids that differ only by case, accents or Unicode form: people could not tell them apart. */
export function findTwinIds(ids: readonly string[]): Finding[] {
  return repeats(ids.map((id) => [id, nameKey(id)])).map(([id, first]) => [
    [id],
    `só difere de ${quoted(first)} por maiúsculas ou acentos`,
  ]);
}

/** One app_key under two ids would ask Omie twice for the same company, and count its limits twice. */
export function findSharedKeys(companies: ReadonlyMap<string, CompanyCredentials>): Finding[] {
  const keys = [...companies].map(([id, { appKey }]): [string, string] => [id, appKey.reveal()]);
  return repeats(keys).map(([id, first]) => [[id, 'app_key'], `repete a app_key de ${quoted(first)}`]);
}

/** Not forbidden, but such a nome or CNPJ alone never resolves to one company. */
export function warnSharedNames(companies: ReadonlyMap<string, CompanyCredentials>): Finding[] {
  const all = [...companies];
  const names = repeats(all.map(([id, { company }]) => [id, nameKey(company.nome)]));
  const cnpjs = repeats(all.map(([id, { company }]) => [id, company.cnpj]));
  return [
    ...names.map(
      ([id, first]): Finding => [[id, 'nome'], `repete o nome de ${quoted(first)}; use o id para distinguir`],
    ),
    ...cnpjs.map(
      ([id, first]): Finding => [[id, 'cnpj'], `repete o CNPJ de ${quoted(first)}; use o id para distinguir`],
    ),
  ];
}

/** Each id whose value was seen before, with the id that had it first. */
function repeats(pairs: readonly (readonly [id: string, value: string])[]): [id: string, first: string][] {
  const firstBy = new Map<string, string>();
  const found: [string, string][] = [];
  for (const [id, value] of pairs) {
    const first = firstBy.get(value);
    if (first === undefined) firstBy.set(value, id);
    else found.push([id, first]);
  }
  return found;
}
