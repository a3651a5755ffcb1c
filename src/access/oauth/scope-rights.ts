import { companiesOf, EVERY_COMPANY, isCompanyRef, type Rights } from '../rights.ts';
import { TOOL_GLOB } from '../tool-glob.ts';

/** The scopes that name nobody's company, as the metadata lists them. */
export const generalScopes = ['omie:leitura', 'omie:escrita', 'empresas:todas'] as const;

/** What a client is told to ask for when its token grants nothing here. */
export const leastScope = 'omie:leitura';

const COMPANY = 'empresa:';
const GROUP = 'grupo:';
const TOOL = 'ferramenta:';

/**
 * What the scopes of an access token grant; undefined when they name no company or no tool: nothing is granted by
 * silence. `empresa:<id>`, `grupo:<name>` and `empresas:todas` say which companies, `omie:leitura` (every tool that
 * changes nothing) and `omie:escrita` (every tool) what may be done with them, and `ferramenta:<glob>` narrows that to
 * some tools. Scopes of other services in the same token are none of our business.
 */
export function rightsOfScopes(scopes: readonly string[]): Rights | undefined {
  const refs: string[] = [];
  const globs: string[] = [];
  for (const scope of scopes) {
    if (scope === 'empresas:todas') refs.push(EVERY_COMPANY);
    else if (scope.startsWith(COMPANY)) refs.push(...companyRef(scope.slice(COMPANY.length)));
    else if (scope.startsWith(GROUP)) refs.push(...groupRef(scope.slice(GROUP.length)));
    else if (scope.startsWith(TOOL) && TOOL_GLOB.test(scope.slice(TOOL.length))) globs.push(scope.slice(TOOL.length));
  }
  const writes = scopes.includes('omie:escrita');
  const reads = writes || scopes.includes('omie:leitura');
  if (refs.length === 0 || (!reads && globs.length === 0)) return undefined;
  return {
    companies: companiesOf(refs),
    tools: globs.length === 0 ? ['*'] : globs,
    mode: writes ? 'escrita' : 'leitura',
  };
}

/** `empresa:*` is no way to say all: an id is letters and digits. */
function companyRef(id: string): string[] {
  return isCompanyRef(id) && !id.includes(':') ? [id] : [];
}

/** A scope holds no space (RFC 6749 §3.3), so a group's name comes percent-encoded. */
function groupRef(encoded: string): string[] {
  try {
    const ref = GROUP + decodeURIComponent(encoded);
    return isCompanyRef(ref) ? [ref] : [];
  } catch {
    return [];
  }
}
