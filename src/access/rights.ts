import type { Company } from '../companies/company.ts';
import type { ToolRef } from '../companies/principal.ts';
import { matchesToolGlob } from './tool-glob.ts';

/** `leitura` leaves out every tool that is not read-only; `escrita` leaves out none. */
export const modes = ['leitura', 'escrita'] as const;
export type Mode = (typeof modes)[number];

/** What somebody may do, as it was granted; which companies a group holds is asked anew each time. */
export interface Rights {
  readonly companies: 'all' | { readonly ids: ReadonlySet<string>; readonly groups: ReadonlySet<string> };
  readonly tools: readonly string[];
  readonly mode: Mode;
}

/** The company as it is now: after a reload of the credentials its groups may be others. */
export function coversCompany({ companies }: Rights, { id, grupos }: Company): boolean {
  return companies === 'all' || companies.ids.has(id) || grupos.some((group) => companies.groups.has(group));
}

export function coversTool({ tools, mode }: Rights, { name, readOnly }: ToolRef): boolean {
  return (readOnly || mode === 'escrita') && tools.some((glob) => matchesToolGlob(name, glob));
}

const COMPANY_ID = /^[a-z0-9][a-z0-9_.-]{0,63}$/i;
const GROUP = /^grupo:(.{1,200})$/;

/** A company's id, or `grupo:` and a group's name. */
export function isCompanyRef(text: string): boolean {
  return GROUP.test(text) ? groupOf(text) !== '' : COMPANY_ID.test(text);
}

/** Every company is a right of its own, `*`, which must stand alone: it is never what is left when nothing is said. */
export const EVERY_COMPANY = '*';

export function companiesOf(refs: readonly string[]): Rights['companies'] {
  if (refs.includes(EVERY_COMPANY)) return 'all';
  const ids = new Set<string>();
  const groups = new Set<string>();
  for (const ref of refs) {
    if (GROUP.test(ref)) groups.add(groupOf(ref));
    else ids.add(ref);
  }
  return { ids, groups };
}

/** Group names are compared as the credentials file keeps them: trimmed and in NFC. */
function groupOf(ref: string): string {
  return ref.slice('grupo:'.length).trim().normalize('NFC');
}
