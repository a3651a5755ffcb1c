import type { Principal } from '../companies/principal.ts';
import type { JsonObject } from '../tools/tool-source.ts';

export type HealthStatus = 'ok' | 'degraded' | 'draining';

export interface HealthSources {
  /** True from the moment a stop was asked for. */
  isDraining(): boolean;
  /** What keeps the server from its best, e.g. a credentials file that cannot be read; undefined when nothing does. */
  problem(): string | undefined;
  /** Statistics for whoever may see every company. */
  details(): JsonObject;
}

export interface Health {
  /**
   * Without a token, and for whoever may not see every company: the status and nothing else – no names, URLs or counts.
   * A problem of the files names companies, and the counts are of all of them.
   */
  report(asker: Principal | undefined): JsonObject;
  /** 200 as long as the process can answer at all. */
  live(): JsonObject;
  /** False while draining, so that a balancer stops sending. */
  isReady(): boolean;
}

export function createHealth(sources: HealthSources): Health {
  const status = (): HealthStatus => {
    if (sources.isDraining()) return 'draining';
    return sources.problem() === undefined ? 'ok' : 'degraded';
  };
  return {
    report(asker) {
      if (asker?.seesAll !== true) return { status: status() };
      const motivo = sources.problem();
      return { status: status(), ...(motivo === undefined ? {} : { motivo }), ...sources.details() };
    },
    live: () => ({ status: 'ok' }),
    isReady: () => !sources.isDraining(),
  };
}
