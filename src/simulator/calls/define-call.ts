/** A call of the API: where it lives, what it takes, what it does to the state. */
import type { z } from 'zod';
import type { Company } from '../company.ts';
import { type Day, dayInBrasilia, timeInBrasilia } from '../dates.ts';
import type { Stamp } from '../model.ts';
import { noParameter } from '../omie-fault.ts';
import type { Quirks } from '../quirks.ts';
import type { WireObject } from '../wire.ts';
import { parseParameter } from './complex-type.ts';

export interface CallContext {
  company: Company;
  now: Date;
  today: Day;
  quirks: Quirks;
}

export interface SimulatedCall {
  /** e.g. `financas/mf` */
  readonly service: string;
  readonly name: string;
  /** Reads and writes differ in the fault for a repeat and in how many may run at once. */
  readonly read: boolean;
  handle(parameter: unknown, context: CallContext): WireObject;
}

interface CallDefinition<Input extends z.ZodType> {
  service: string;
  name: string;
  input: Input;
  /** Most methods refuse `[{}]` with fault 71; ListarMovimentos takes it. */
  acceptsEmptyParameter?: boolean;
  run(input: z.output<Input>, context: CallContext): WireObject;
}

export function defineCall<Input extends z.ZodType>(definition: CallDefinition<Input>): SimulatedCall {
  const { service, name, input, run } = definition;
  return {
    service,
    name,
    read: isRead(name),
    handle(parameter, context) {
      if (!definition.acceptsEmptyParameter && isEmptyObject(parameter)) throw noParameter();
      return run(parseParameter(input, parameter, context.quirks.unknownKeys), context);
    },
  };
}

export function stampOf({ today, now }: CallContext): Stamp {
  return { day: today, time: timeInBrasilia(now), user: 'WEBSERVICE' };
}

export const contextFor = (company: Company, now: Date, quirks: Quirks): CallContext => ({
  company,
  now,
  today: dayInBrasilia(now),
  quirks,
});

/** The method's name tells a read. */
function isRead(name: string): boolean {
  return /^(Listar|Consulta|Obter|Pesquisar|Status|Simular|Validar|Posicao)/.test(name);
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
