/** The finance services over the real client over a simulator, with a judge that never saw the wire. */
import { onTestFinished } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { createClock } from '../../../src/simulator/clock.ts';
import type { Situation } from '../../../src/simulator/oracle.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator/server.ts';
import { type CompanyServices, createCompanyServices } from '../../../src/tools/company-services.ts';
import type { TitlePage } from '../../../src/tools/titulos/title-page.ts';
import { titleQuery } from '../../../src/tools/titulos/title-query.ts';
import { clientOf, fastClock } from '../../unit/omie/open-client.ts';

/** A Monday: what fell due on the weekend is where labels and dates part. */
export const TODAY = '2026-11-23T15:00:00-03:00';
export const kinds = ['pagar', 'receber'] as const;
export type Kind = (typeof kinds)[number];

export interface House {
  omie: Simulator;
  services(company?: number): CompanyServices;
  /** The tool's answer to these arguments. */
  ask(kind: Kind, args?: object, company?: number): Promise<TitlePage>;
}

interface HouseOptions {
  readonly pageBudget?: number;
  /** How many times faster the client's clock runs, so that its waits between retries pass; its memory fades as fast. */
  readonly hurry?: number;
  /** The client's clock instead of one that only hurries. */
  readonly clientClock?: ReturnType<typeof fastClock>;
}

export async function openHouse(simulator: SimulatorOptions = {}, options: HouseOptions = {}): Promise<House> {
  const omie = await startSimulator({ limits: false, clock: simulatorClock(), ...simulator });
  onTestFinished(() => omie.close());
  return houseOf(omie, options);
}

/** Services with a client of their own over a simulator that others use too. */
export function houseOf(omie: Simulator, { pageBudget, hurry = 1, clientClock }: HouseOptions = {}): House {
  const { client, company } = clientOf(omie, {
    clock: clientClock ?? fastClock(hurry),
    // Hundreds of questions a second, many of them without an answer, of a simulator that counts none of it.
    errorsAMinute: Number.POSITIVE_INFINITY,
  });
  const clock = simulatorClock();
  const servicesFor = createCompanyServices({ omie: client, clock, ...(pageBudget !== undefined && { pageBudget }) });
  const services = (index = 0): CompanyServices => servicesFor(company(index));
  return {
    omie,
    services,
    ask: (kind, args = {}, index = 0) => serviceOf(services(index), kind).page(titleQuery.parse(args), caller()),
  };
}

export const simulatorClock = () => createClock({ at: TODAY, frozen: true });

export const serviceOf = (services: CompanyServices, kind: Kind) =>
  kind === 'pagar' ? services.payables : services.receivables;

/** A caller of its own each time: one signal for all would gather listeners. */
const caller = () => ({ principal, signal: new AbortController().signal, progress: (): void => {} });
const principal = fullAccess('local');

/** Our words for the judge's. */
export const situations: readonly (readonly [string, Situation])[] = [
  ['em_aberto', 'open'],
  ['atrasado', 'overdue'],
  ['vence_hoje', 'dueToday'],
  ['a_vencer', 'notDue'],
  ['pago', 'paid'],
  ['parcial', 'partial'],
  ['cancelado', 'cancelled'],
];

export const oracleKind = (kind: Kind) => (kind === 'pagar' ? 'payable' : 'receivable');
