import { fullAccess } from '../companies/principal.ts';
import type { ToolServices } from '../tools/define-tool.ts';

export interface FollowedCompanies {
  /** The services to run with. */
  readonly services: ToolServices;
  /** Which companies were asked for: those whose books were opened, else the one that the arguments name. */
  ids(args: unknown): readonly string[];
}

export type FollowCompanies = (services: ToolServices) => FollowedCompanies;

/** Sees everything: only to find out which company somebody without access was after. */
const auditor = fullAccess('audit');

/**
 * Watches which companies' services a call takes. A call that was refused took none; then the company in its arguments is
 * looked up among all of them, in the caller's scope or not, because a denied attempt is worth its line.
 */
export const followCompanies: FollowCompanies = (services) => {
  const seen = new Set<string>();
  return {
    services: {
      ...services,
      forCompany(company) {
        seen.add(company.id);
        return services.forCompany(company);
      },
    },
    ids: (args) => (seen.size > 0 ? [...seen] : namedIn(args, services)),
  };
};

function namedIn(args: unknown, services: ToolServices): readonly string[] {
  if (typeof args !== 'object' || args === null || !('company_id' in args)) return [];
  return typeof args.company_id === 'string' ? companyIdOf(args.company_id, services.directory) : [];
}

/** The id behind a reference, whoever may see it; none when it leads nowhere. A reference itself may be a name. */
export function companyIdOf(
  reference: string,
  directory: Pick<ToolServices['directory'], 'resolve'>,
): readonly string[] {
  try {
    return [directory.resolve(reference, auditor).id];
  } catch {
    return [];
  }
}
