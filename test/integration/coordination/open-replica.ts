import { randomUUID } from 'node:crypto';
import type { CallLimits } from '../../../src/coordination/call-limits.ts';
import { PostgresLink } from '../../../src/coordination/postgres/link.ts';
import { PostgresBudget } from '../../../src/coordination/postgres/postgres-budget.ts';

export interface Replica {
  readonly link: PostgresLink;
  readonly budget: PostgresBudget;
  readonly events: { state: string; reason?: string }[];
}

/** One replica's budget on a connection of its own, as a process would have it. */
export async function openReplica(
  url: string,
  limits: CallLimits,
  { address = randomUUID(), replicas = 2 } = {},
): Promise<Replica> {
  const events: Replica['events'] = [];
  const link = new PostgresLink({ url, report: (event) => events.push(event) });
  const now = (): number => performance.now();
  const budget = new PostgresBudget({ link, replica: randomUUID(), address, replicas, now, limits });
  link.listen(budget);
  await link.start();
  return { link, budget, events };
}

export const until = async (seen: () => boolean | Promise<boolean>, withinMs = 15_000): Promise<void> => {
  for (const from = Date.now(); !(await seen()); ) {
    if (Date.now() - from > withinMs) throw new Error(`not seen in ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
