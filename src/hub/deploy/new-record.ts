import { randomInt } from 'node:crypto';
import type { ServerRecord } from '../servers/server-record.ts';
import type { DeployRequest } from './deploy-request.ts';
import type { Planned } from './plan.ts';

/** A server as it is before anything of it was started. */
export function recordOf(planned: Planned, { env }: DeployRequest, now: Date): ServerRecord {
  const { source, method, name, domain, runner, args, port } = planned;
  const when = now.toISOString();
  return {
    id: newId(),
    name,
    source,
    method,
    status: 'planned',
    wanted: 'running',
    domain,
    tools: [],
    args: [...args],
    env,
    ...(port === undefined ? {} : { port }),
    launch: runner.launch,
    created_at: when,
    updated_at: when,
  };
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** 62 random bits: an id names a server among a few hundred and opens nothing. */
function newId(): string {
  return `hub-${Array.from({ length: 12 }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')}`;
}
