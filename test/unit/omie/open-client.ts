/** A client against a simulator, both closed when the test ends. */
import { onTestFinished } from 'vitest';
import type { CompanyCredentials } from '../../../src/companies/company.ts';
import { Secret } from '../../../src/logging/secret.ts';
import type { Observation } from '../../../src/omie/call.ts';
import { createOmieClient, type OmieClientOptions } from '../../../src/omie/client.ts';
import type { Clock } from '../../../src/omie/clock.ts';
import type { OmieClient } from '../../../src/omie/omie-client.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/server.ts';

export interface Opened {
  omie: Simulator;
  client: OmieClient;
  /** Credentials of the company number `index`. */
  company(index?: number): CompanyCredentials;
  observed: Observation[];
}

export async function openClient(
  simulator: SimulatorOptions = {},
  options: Partial<OmieClientOptions> = {},
): Promise<Opened> {
  const omie = await startSimulator({ limits: false, ...simulator });
  onTestFinished(() => omie.close());
  return clientOf(omie, options);
}

/** A client of a simulator that others use too; only the client is closed when the test ends. */
export function clientOf(omie: Simulator, options: Partial<OmieClientOptions> = {}): Opened {
  const observed: Observation[] = [];
  const client = createOmieClient({ baseUrl: omie.url, observe: (one) => observed.push(one), ...options });
  onTestFinished(() => client.close());
  return { omie, client, observed, company: (index = 0) => credentialsOf(omie, index) };
}

export function credentialsOf(omie: Pick<Simulator, 'companies'>, index: number): CompanyCredentials {
  const { id, nome, cnpj, ambiente, grupos, appKey, appSecret } = omie.companies[index]!;
  return {
    company: { id, nome, cnpj, ambiente, grupos: [...grupos] },
    appKey: new Secret(appKey),
    appSecret: new Secret(appSecret),
  };
}

/** Real timers, but time runs `factor` times faster: thirty seconds of waiting pass in a fraction of one. */
export function fastClock(factor: number): Clock {
  const start = performance.now();
  return {
    now: () => 1_790_000_000_000 + (performance.now() - start) * factor,
    after: (ms, run) => {
      const timer = setTimeout(run, ms / factor);
      return () => clearTimeout(timer);
    },
  };
}
