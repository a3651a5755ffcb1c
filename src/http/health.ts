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
  live(): { status: number; body: JsonObject };
  /** 503 while draining, so that a balancer stops sending. */
  ready(): { status: number; body: JsonObject };
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
    live: () => ({ status: 200, body: { status: 'ok' } }),
    ready() {
      const now = status();
      return { status: now === 'draining' ? 503 : 200, body: { status: now } };
    },
  };
}
