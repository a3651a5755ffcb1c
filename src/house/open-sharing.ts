import type { Environment } from '../config/environment.ts';
import type { Coordination } from '../coordination/coordination.ts';
import { openCoordination } from '../coordination/open-coordination.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretScrubber } from '../logging/redact.ts';

/** What this process shares with other replicas of it: nothing without a `DATABASE_URL`. */
export async function openSharing(
  { DATABASE_URL, MCP_REPLICAS, OMIE_EGRESS }: Environment,
  scrubber: Pick<SecretScrubber, 'register'>,
  logger: Logger,
): Promise<Coordination> {
  if (DATABASE_URL === undefined) return openCoordination(undefined);
  const url = DATABASE_URL.reveal();
  const { password } = new URL(url);
  scrubber.register(DATABASE_URL);
  if (password !== '') scrubber.register(password, ...plainForms(password));
  return openCoordination({
    url,
    address: OMIE_EGRESS,
    replicas: MCP_REPLICAS,
    report: ({ state, reason, code }) => {
      if (state === 'up') logger.info('database connected, sharing with the other replicas');
      else logger.warn({ reason, code, share: `1/${MCP_REPLICAS}` }, 'database lost, going on alone');
    },
  });
}

/** A password with a stray `%` is its own plain form. */
function plainForms(password: string): string[] {
  try {
    return [decodeURIComponent(password)];
  } catch {
    return [];
  }
}
