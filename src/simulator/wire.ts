/** Values as Omie writes them. */
import { omieDate } from './dates.ts';
import type { Centavos, Changes, Stamp } from './model.ts';

export type Wire = string | number | boolean | null | undefined | readonly Wire[] | WireObject;
/** Keys whose value is undefined are left out, as Omie leaves out empty optional fields. */
export interface WireObject {
  readonly [key: string]: Wire;
}

export const money = (centavos: Centavos): number => centavos / 100;

export const toCentavos = (reais: number): Centavos => Math.round(reais * 100);

export const flag = (value: boolean): 'S' | 'N' => (value ? 'S' : 'N');

/** Free text comes with HTML entities. */
export function freeText(text: string): string {
  // Most texts have nothing to escape, and a page holds hundreds of them.
  if (!/[&"<>]/.test(text)) return text;
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export function infoOf(record: Changes): WireObject {
  const { created, changed, viaApi } = record;
  return {
    cImpAPI: flag(viaApi),
    dAlt: omieDate(changed.day),
    dInc: omieDate(created.day),
    hAlt: changed.time,
    hInc: created.time,
    uAlt: changed.user,
    uInc: created.user,
  };
}

/** The projects service names the same facts differently. */
export function projectInfoOf(record: { created: Stamp; changed: Stamp }): WireObject {
  const { created, changed } = record;
  return {
    data_inc: omieDate(created.day),
    hora_inc: created.time,
    user_inc: created.user,
    data_alt: omieDate(changed.day),
    hora_alt: changed.time,
    user_alt: changed.user,
  };
}

/** JSON with every non-ASCII character escaped, the way Omie's PHP writes it. */
export function toJson(value: WireObject): string {
  return JSON.stringify(value).replace(/[\u0080-\uffff]/g, escapeCharacter);
}

const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
