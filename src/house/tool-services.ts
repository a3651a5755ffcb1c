import type { CompanyDirectory } from '../companies/company-directory.ts';
import type { CredentialManager } from '../companies/credential-manager.ts';
import { ConfigurationError } from '../errors.ts';
import type { createCompanyServices } from '../tools/company-services.ts';
import type { ToolServices } from '../tools/define-tool.ts';

export interface ServiceParts {
  readonly directory: CompanyDirectory;
  readonly credentials: CredentialManager;
  readonly servicesOf: ReturnType<typeof createCompanyServices>;
  /** Called after a reload that was asked for, whether it changed anything or not. */
  readonly onReload: () => void;
}

/** What a tool may ask of the house. */
export function createToolServices({ directory, credentials, servicesOf, onReload }: ServiceParts): ToolServices {
  return {
    directory,
    forCompany: async (company) => servicesOf(await credentials.get(company.id)),
    async reloadCredentials(principal) {
      try {
        await credentials.reload();
      } catch (error) {
        if (principal.seesAll === true || !(error instanceof ConfigurationError)) throw error;
        // The problems name companies that this caller may not know of.
        throw new ConfigurationError(
          'O arquivo de credenciais tem problemas; o último conjunto bom continua valendo.',
          [],
          { hint: 'Avise quem administra o servidor: `omie-mcp-hub validate` mostra os problemas.' },
        );
      }
      onReload();
      return { disabled: credentials.disabledEntries() };
    },
  };
}
