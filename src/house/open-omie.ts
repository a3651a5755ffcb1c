import { CompanyDirectory } from '../companies/company-directory.ts';
import type { CredentialManager } from '../companies/credential-manager.ts';
import type { Coordination } from '../coordination/coordination.ts';
import type { Clock } from '../finance/dates.ts';
import { createOmieClient } from '../omie/client.ts';
import type { Opened } from '../opened.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { createCompanyServices } from '../tools/company-services.ts';
import type { ToolServices } from '../tools/define-tool.ts';
import type { HouseOptions, HouseParts } from './house-options.ts';
import { openCredentials } from './open-credentials.ts';
import type { HouseMetrics } from './open-metrics.ts';
import { traceOmieCall } from './open-tracing.ts';
import { createToolServices } from './tool-services.ts';

export interface OmieHouseParts extends HouseParts {
  readonly clock: Clock;
  readonly metrics: HouseMetrics;
  readonly tracing: Tracing | undefined;
  readonly sharing: Coordination;
}

/** The companies, their keys, and the way to Omie. */
export interface OmieRooms {
  readonly credentials: CredentialManager;
  readonly directory: CompanyDirectory;
  readonly omie: ReturnType<typeof createOmieClient>;
  readonly services: ToolServices;
}

/** @throws ConfigurationError when the credentials file is bad. */
export function openOmie(options: HouseOptions, parts: OmieHouseParts, opened: Opened): OmieRooms {
  const { scrubber, logger, clock, metrics, tracing, sharing } = parts;
  const { environment } = options;
  const countReload = metrics.reload;
  const credentials = opened.keep(openCredentials({ ...options, scrubber, logger, countReload }));
  const directory = opened.keep(new CompanyDirectory(credentials));
  const omie = createOmieClient({
    baseUrl: environment.OMIE_BASE_URL,
    observe: (call) => {
      metrics.omieCall(call);
      if (tracing !== undefined) traceOmieCall(call, tracing);
    },
    shared: sharing.omie,
    callsAMinute: options.omieCallsAMinute,
  });
  opened.keep(omie);
  const servicesOf = createCompanyServices({ omie, clock, maskCpf: environment.MASK_CPF });
  const onReload = (): void => sharing.announce('credentials');
  return {
    credentials,
    directory,
    omie,
    services: createToolServices({ directory, credentials, servicesOf, onReload }),
  };
}
