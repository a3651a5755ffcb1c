import type { Logger } from '../../logging/logger.ts';
import type { GatherFailure } from './gather-failures.ts';

/** What one gathering came to, for its one line in the log: servers and counts, no URI and nothing of what is kept there. */
export class GatherTally {
  readonly #beganAt = performance.now();
  readonly #domains: readonly string[] | undefined;
  readonly #servers: readonly { readonly id: string }[];
  #resources = 0;
  #cached = 0;

  /**
   * @param domains undefined for all of them
   * @param servers those that may be read, whether or not they answer
   */
  constructor(domains: readonly string[] | undefined, servers: readonly { readonly id: string }[]) {
    this.#domains = domains;
    this.#servers = servers;
  }

  /** @param fresh its server was asked for it, by this gathering itself */
  read(fresh: boolean): void {
    this.#resources += 1;
    if (!fresh) this.#cached += 1;
  }

  /** @param error what ended it; told by its kind */
  tell(logger: Logger, failures: readonly GatherFailure[], error?: unknown): void {
    const failed: Record<string, number> = {};
    for (const { server } of failures) failed[server] = (failed[server] ?? 0) + 1;
    const facts = {
      domains: this.#domains ?? '*',
      servers: this.#servers.map(({ id }) => id),
      resources: this.#resources,
      cached: this.#cached,
      failed,
      duration_ms: Math.round(performance.now() - this.#beganAt),
    };
    if (error === undefined) logger.info(facts, 'resources gathered');
    else logger.info({ ...facts, error: error instanceof Error ? error.name : 'unknown' }, 'resources not gathered');
  }
}
