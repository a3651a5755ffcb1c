import type { Company } from '../companies/company.ts';
import type { CompanyDirectory } from '../companies/company-directory.ts';
import { createPromptSource } from '../prompts/prompt-catalog.ts';
import { createResourceSource } from '../resources/resource-catalog.ts';
import type { CallContext, JsonObject, ToolSource } from '../tools/tool-source.ts';
import type { Catalog, CatalogChange } from './catalog.ts';
import { createCompleter } from './completion.ts';
import { instructions } from './instructions.ts';

export interface CatalogParts {
  readonly version: string;
  readonly tools: ToolSource;
  readonly directory: CompanyDirectory;
  dashboard(company: Company, context: CallContext): Promise<JsonObject>;
  /** ISO date of today in São Paulo. */
  today(): string;
}

/** The product's catalog, and how to say that what it shows has changed. */
export function createCatalog(parts: CatalogParts): Catalog & { announce(change: CatalogChange): void } {
  const { version, tools, directory, dashboard, today } = parts;
  const listeners = new Set<(change: CatalogChange) => void>();
  const resolve: CompanyDirectory['resolve'] = (reference, principal) => directory.resolve(reference, principal);
  return {
    serverInfo: { name: 'omie-mcp-hub', title: 'Omie – várias empresas', version },
    instructions: () => instructions,
    tools,
    resources: createResourceSource({ listCompanies: (principal) => directory.list(principal), resolve, dashboard }),
    prompts: createPromptSource({ resolve, today }),
    complete: createCompleter((prefix, principal) => directory.suggest(prefix, principal)),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    announce(change) {
      for (const listener of listeners) listener(change);
    },
  };
}
