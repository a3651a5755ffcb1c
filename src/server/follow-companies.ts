import type { CompanyDirectory } from '../companies/company-directory.ts';
import type { ToolServices } from '../tools/define-tool.ts';

export interface FollowedCompanies {
  /** The services to run with. */
  readonly services: ToolServices;
  /** Which companies were asked for: those whose books were opened, else those that the arguments name. */
  ids(args: unknown): readonly string[];
}

export type FollowCompanies = (services: ToolServices) => FollowedCompanies;

/** The ids behind a reference, whoever may see them; none when it leads nowhere. A reference itself may be a name. */
export type CompanyIdsOf = (reference: string) => readonly string[];

/** Not among the services of tools: what they look up is within the caller's scope. */
export function companyIdsIn(directory: Pick<CompanyDirectory, 'named'>): CompanyIdsOf {
  return (reference) => directory.named(reference).map(({ id }) => id);
}

/**
 * Watches which companies' services a call takes. A call that was refused took none; then the company in its arguments is
 * looked up among all of them, in the caller's scope or not, because a denied attempt is worth its line.
 */
export function followCompanies(companyIdsOf: CompanyIdsOf): FollowCompanies {
  return (services) => {
    const seen = new Set<string>();
    return {
      services: {
        ...services,
        forCompany(company) {
          seen.add(company.id);
          return services.forCompany(company);
        },
      },
      ids: (args) => (seen.size > 0 ? [...seen] : namedIn(args, companyIdsOf)),
    };
  };
}

function namedIn(args: unknown, companyIdsOf: CompanyIdsOf): readonly string[] {
  if (typeof args !== 'object' || args === null || !('company_id' in args)) return [];
  return typeof args.company_id === 'string' ? companyIdsOf(args.company_id) : [];
}
