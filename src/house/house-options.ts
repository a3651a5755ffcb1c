import type { Access } from '../access/create-access.ts';
import type { Environment } from '../config/environment.ts';
import type { Variables } from '../config/load-config.ts';
import type { Clock } from '../finance/dates.ts';
import type { Model } from '../hub/orchestration/model.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretScrubber } from '../logging/redact.ts';

export interface HouseOptions {
  readonly environment: Environment;
  /** Values for `${VAR}` in the credentials file. */
  readonly variables: Variables;
  /** Gives up a house that is not built yet. */
  readonly stop?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** Milliseconds of processor time the process has used; asked of the system when not given. */
  readonly cpuMs?: (() => number) | undefined;
  /** Calls a minute that Omie takes from our address, where that is not its 960: for benchmarks, which get no process warm with those. */
  readonly omieCallsAMinute?: number | undefined;
  /** Who does the hub's tasks, instead of the provider that the settings name: for examples and tests. */
  readonly hubModel?: (() => Promise<Model>) | undefined;
}

/** What the house is handed from outside: it neither opens nor closes them. */
export interface HouseParts {
  readonly access: Access;
  readonly scrubber: SecretScrubber;
  readonly logger: Logger;
}
