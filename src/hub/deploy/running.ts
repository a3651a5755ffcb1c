/** What runs of the servers: each brought up, watched and taken down. Whose turn it is, is for others to say. */
import type { UpstreamConfig } from '../../gateway/config/gateway-config.ts';
import type { Logger } from '../../logging/logger.ts';
import { timeLimit } from '../../time-limit.ts';
import type { Mounting } from '../mounting.ts';
import { HubError } from '../problem.ts';
import type { Health, Runner } from '../runners/runner.ts';
import type { ServerList } from '../servers/server-list.ts';
import type { ServerRecord } from '../servers/server-record.ts';
import { CrashLoop } from './crash-loop.ts';
import { failureText, leftText } from './failure-text.ts';
import { healthInTime } from './health-in-time.ts';
import { MountedWatch, offeredBy } from './mounted-watch.ts';
import { untilConnected } from './until-connected.ts';
import { upstreamOf } from './upstream-of.ts';

export interface RunningParts {
  readonly servers: ServerList;
  readonly runners: readonly Runner[];
  readonly mounting: Mounting;
  readonly logger: Logger;
  /** Lines of what prepares a server; what it prints itself comes through the mounting. */
  readonly log: (id: string, line: string) => void;
  /** For installing and for the first answer together. */
  readonly startTimeoutMs: number;
  /** How long a runner may take to say how a server is. */
  readonly healthLimitMs?: number;
  /** After how long one is looked at again whose runner could not say it. */
  readonly lookAgainMs?: number;
  /** Does something with a server when nothing else is done with it. */
  readonly inTurn: (id: string, work: () => Promise<void>) => Promise<void>;
}

export class Running {
  readonly #parts: RunningParts;
  readonly #mounted = new Map<string, UpstreamConfig>();
  readonly #starts = new Map<string, AbortController>();
  readonly #crashes = new CrashLoop();
  readonly #watch: MountedWatch;
  readonly #stopWatching: () => void;
  #left = false;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.#watch = new MountedWatch({
      ...parts,
      crashes: this.#crashes,
      // Those being started are watched by their start.
      watched: (id) => (this.#left || this.#starts.has(id) ? undefined : this.#mounted.get(id)),
      healthOf: (record) => this.healthOf(record),
      bringUp: (id) => this.bringUp(id),
      giveUp: (id, why, isForGood) => this.#giveUp(id, why, isForGood),
    });
    this.#stopWatching = parts.mounting.onChange(() => this.#watch.look());
  }

  /**
   * In its turn. Nothing for one that is not wanted to run; what goes wrong is told by the record. Waits for nothing to be
   * written: who comes next would wait too.
   */
  async bringUp(id: string): Promise<void> {
    const { servers, mounting, startTimeoutMs, log, logger } = this.#parts;
    const record = servers.find(id);
    if (record === undefined || record.wanted !== 'running' || this.#left) return;
    const runner = this.runnerOf(record);
    const abort = new AbortController();
    this.#starts.set(id, abort);
    void servers.note(id, { status: 'starting', error: undefined });
    logger.info({ server: id, method: record.method }, 'hub starts a server');
    const { signal, end } = timeLimit(abort.signal, startTimeoutMs);
    let ran: Pick<ServerRecord, 'started'> = {};
    try {
      if (runner === undefined) throw new HubError('sem_executor', `O executor ${record.method} não está neste hub.`);
      const unusable = await runner.unusable();
      if (unusable !== undefined) throw new HubError('nao_configurado', unusable);
      const reach = await runner.start(record, { signal, log: (line) => log(id, line) });
      this.#mounted.set(id, upstreamOf(record, reach));
      await this.#mount();
      ran = { started: true };
      const state = await untilConnected(mounting, id, signal);
      const url = reach.transport === 'stdio' ? undefined : reach.url;
      void servers.note(id, { ...ran, status: 'deployed', ...offeredBy(state), url, error: state.problem });
      logger.info({ server: id, tools: state.tools.length }, 'hub server deployed');
    } catch (thrown) {
      const why = failureText(thrown, { timedOut: signal.aborted && !abort.signal.aborted, startTimeoutMs });
      await this.takeDown(id);
      // Stopped by hand, or left to the next hub: no failure of the server's.
      if (!abort.signal.aborted) {
        void servers.note(id, { ...ran, status: 'failed', error: why });
        log(id, `hub: ${why}`);
        logger.warn({ server: id, err: thrown }, 'hub server failed to start');
      }
    } finally {
      end();
      this.#starts.delete(id);
      // What changed since it was there was nobody's to tell.
      this.#watch.look();
    }
  }

  /** A start that goes on ends, and whoever waits for its turn has it. */
  abortStart(id: string): void {
    this.#starts.get(id)?.abort();
  }

  /** In its turn. @returns why what ran of it could not be ended, Portuguese; undefined when it was */
  async takeDown(id: string): Promise<string | undefined> {
    const { servers, logger } = this.#parts;
    this.#mounted.delete(id);
    await this.#mount();
    const record = servers.find(id);
    // A hub that is leaving stops nobody: containers are found again by the next one.
    if (record === undefined || this.#left) return undefined;
    try {
      await this.runnerOf(record)?.stop(record);
      return undefined;
    } catch (thrown) {
      logger.warn({ err: thrown, server: id }, 'hub server not ended');
      return leftText(thrown);
    }
  }

  /** Somebody starts it, or it is gone: how often it fell before does not count. */
  forgetFalls(id: string): void {
    this.#crashes.forget(id);
  }

  runnerOf({ method }: ServerRecord): Runner | undefined {
    return this.#parts.runners.find((runner) => runner.method === method);
  }

  /** What its runner says; undefined where the runner is not here. */
  async healthOf(record: ServerRecord): Promise<Health | undefined> {
    const runner = this.runnerOf(record);
    return runner === undefined ? undefined : healthInTime(runner.health(record), this.#parts.healthLimitMs);
  }

  /** From now on nothing is started, watched or stopped. */
  leave(): void {
    this.#left = true;
    this.#stopWatching();
    for (const start of this.#starts.values()) start.abort();
  }

  #giveUp(id: string, why: string, isForGood: boolean): void {
    const { servers, log, logger, inTurn } = this.#parts;
    this.#mounted.delete(id);
    inTurn(id, async () => {
      await this.takeDown(id);
      void servers.note(id, { status: 'failed', error: why, ...(isForGood ? { given_up: true } : {}) });
      log(id, `hub: ${why}`);
    }).catch((err: unknown) => logger.error({ err, server: id }, 'hub server not given up'));
  }

  #mount(): Promise<void> {
    return this.#parts.mounting.mount([...this.#mounted.values()]);
  }
}
