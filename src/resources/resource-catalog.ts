import type { Company } from '../companies/company.ts';
import type { Principal } from '../companies/principal.ts';
import { NotFoundError } from '../errors.ts';
import type { CallContext, JsonObject } from '../tools/tool-source.ts';
import { mayOpenDashboards } from './dashboard.ts';
import type {
  ResourceDescriptor,
  ResourceReading,
  ResourceSource,
  ResourceTemplateDescriptor,
} from './resource-source.ts';

export const companiesUri = 'omie://companies';
const dashboardTemplate = 'omie://dashboard/{company_id}';
const dashboardPattern = /^omie:\/\/dashboard\/([^/?#]+)$/;

const companies: ResourceDescriptor = {
  uri: companiesUri,
  name: 'companies',
  title: 'Empresas',
  description: 'As empresas que você pode consultar: id, nome, CNPJ, ambiente e grupos.',
  mimeType: 'application/json',
};

const dashboard: ResourceTemplateDescriptor = {
  uriTemplate: dashboardTemplate,
  name: 'dashboard',
  title: 'Painel financeiro da empresa',
  description: 'Vencidos e em aberto de uma empresa, a pagar e a receber, por idade, com a hora dos dados.',
  mimeType: 'application/json',
};

export function dashboardUri(companyId: string): string {
  return `omie://dashboard/${encodeURIComponent(companyId)}`;
}

export interface ResourceServices {
  listCompanies(principal: Principal): readonly Company[];
  resolve(reference: string, principal: Principal): Company;
  dashboard(company: Company, context: CallContext): Promise<JsonObject>;
}

/** Two resources, the same numbers as the tools: the list of companies and one panel a company. */
export function createResourceSource({ listCompanies, resolve, dashboard: panelOf }: ResourceServices): ResourceSource {
  return {
    list: () => [companies],
    templates: ({ principal }) => (mayOpenDashboards(principal) ? [dashboard] : []),
    async read(uri, context) {
      if (uri === companiesUri) {
        const empresas = listCompanies(context.principal).map(({ id, nome, cnpj, ambiente, grupos }) => ({
          id,
          nome,
          cnpj,
          ambiente,
          grupos,
        }));
        return json(uri, { empresas, total: empresas.length });
      }
      const { principal } = context;
      const reference = companyInUri(uri);
      // No way around the tools: who may not call them does not get their numbers here.
      if (reference === undefined || !mayOpenDashboards(principal)) throw unknownResource();
      const panel = await panelOf(resolve(reference, principal), context);
      // Revoked or expired while it was being made.
      if (!mayOpenDashboards(principal)) throw unknownResource();
      return json(uri, panel);
    },
  };
}

function unknownResource(): NotFoundError {
  return new NotFoundError('Não existe esse recurso.', {
    hint: `Recursos: ${companiesUri}, ${dashboardTemplate}.`,
  });
}

/** The reference to a company in the URI of its dashboard; undefined for every other URI. */
export function companyInUri(uri: string): string | undefined {
  // The length is bounded before the pattern runs: a URI is somebody else's text.
  const encoded = uri.length > 1_000 ? undefined : dashboardPattern.exec(uri)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

/**
 * A URI as records may hold it: where a dashboard's names a company its template stands, whoever asks and however badly
 * the rest is written.
 */
export function withoutCompany(uri: string): string {
  return /^\s*omie:\/\/dashboard\//i.test(uri) ? dashboardTemplate : uri;
}

function json(uri: string, value: JsonObject): ResourceReading {
  return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(value) }] };
}
