import type { Access } from '../access/create-access.ts';
import type { Environment } from '../config/environment.ts';
import type { Variables } from '../config/load-config.ts';
import type { Clock } from '../finance/dates.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretScrubber } from '../logging/redact.ts';

export interface HouseOptions {
  readonly environment: Environment;
  /** Values for `${VAR}` in the credentials file. */
  readonly variables: Variables;
  readonly clock?: Clock | undefined;
  /** How late the event loop is, in milliseconds; measured when not given. */
  readonly loopDelayMs?: (() => number) | undefined;
}

/** What the house is handed from outside: it neither opens nor closes them. */
export interface HouseParts {
  readonly access: Access;
  readonly scrubber: SecretScrubber;
  readonly logger: Logger;
}
