import type { JsonObject } from '../tools/tool-source.ts';

export type HealthStatus = 'ok' | 'degraded' | 'draining';

export interface HealthSources {
  /** True from the moment a stop was asked for. */
  isDraining(): boolean;
  /** Why the credentials file in force is not the one on disk; undefined when it is. */
  credentialProblem(): string | undefined;
  /** Statistics for whoever holds a token. */
  details(): JsonObject;
}

export interface Health {
  /** Without a token: the status and nothing else – no names, URLs or counts. */
  report(withDetails: boolean): JsonObject;
  /** 200 as long as the process can answer at all. */
  live(): JsonObject;
  /** False while draining, so that a balancer stops sending. */
  isReady(): boolean;
}

export function createHealth(sources: HealthSources): Health {
  const status = (): HealthStatus => {
    if (sources.isDraining()) return 'draining';
    return sources.credentialProblem() === undefined ? 'ok' : 'degraded';
  };
  return {
    report(withDetails) {
      if (!withDetails) return { status: status() };
      const motivo = sources.credentialProblem();
      return { status: status(), ...(motivo === undefined ? {} : { motivo }), ...sources.details() };
    },
    live: () => ({ status: 'ok' }),
    isReady: () => !sources.isDraining(),
  };
}
