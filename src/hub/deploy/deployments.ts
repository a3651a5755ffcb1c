/** Servers from their deployment to their removal: one action of each at a time, and what happens to them in between. */
import type { UpstreamConfig } from '../../gateway/config/gateway-config.ts';
import type { Logger } from '../../logging/logger.ts';
import { timeLimit } from '../../time-limit.ts';
import type { Mounting } from '../mounting.ts';
import { HubError } from '../problem.ts';
import type { Health, Runner } from '../runners/runner.ts';
import type { ServerList } from '../servers/server-list.ts';
import type { ServerRecord } from '../servers/server-record.ts';
import { CrashLoop } from './crash-loop.ts';
import type { DeployRequest } from './deploy-request.ts';
import { domainFor, domainsOf } from './domain-name.ts';
import { failureText, leftText } from './failure-text.ts';
import { healthInTime } from './health-in-time.ts';
import { MountedWatch } from './mounted-watch.ts';
import { recordOf } from './new-record.ts';
import { missingIn, type Planned } from './plan.ts';
import type { Planner } from './planner.ts';
import { Turns } from './turns.ts';
import { untilConnected } from './until-connected.ts';
import { upstreamOf } from './upstream-of.ts';

export interface DeploymentsParts {
  readonly servers: ServerList;
  readonly planner: Planner;
  readonly runners: readonly Runner[];
  readonly mounting: Mounting;
  readonly logger: Logger;
  /** Lines of what prepares a server; what it prints itself comes through the mounting. */
  readonly log: (id: string, line: string) => void;
  readonly maxServers: number;
  /** For installing and for the first answer together. */
  readonly startTimeoutMs: number;
  readonly now?: () => Date;
}

/** Each is a small installation of its own: more at once only wait for each other. */
const STARTS_AT_ONCE = 3;
/** A process that is told to end may take about as long until it is killed. What is not done by then the next hub finds. */
const FAREWELL_MS = 8_000;

export class Deployments {
  readonly #parts: DeploymentsParts;
  readonly #mounted = new Map<string, UpstreamConfig>();
  readonly #starts = new Map<string, AbortController>();
  readonly #turns = new Turns();
  readonly #crashes = new CrashLoop();
  readonly #watch: MountedWatch;
  readonly #stopWatching: () => void;
  /** What a sweep removes must not be what a start has just made: no server is started while one goes on. */
  #swept: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(parts: DeploymentsParts) {
    this.#parts = parts;
    this.#watch = new MountedWatch({
      ...parts,
      crashes: this.#crashes,
      // Those being started are watched by their start.
      watched: (id) => (this.#closed || this.#starts.has(id) ? undefined : this.#mounted.get(id)),
      healthOf: (record) => this.#healthOf(record),
      inTurn: (id, work) => this.#inTurn(id, work),
      bringUp: (id) => this.#bringUp(id),
      giveUp: (id, why) => this.#giveUp(id, why),
    });
    this.#stopWatching = parts.mounting.onChange(() => this.#watch.look());
  }

  /**
   * Plans and begins; resolves before the server runs.
   *
   * @param agree is shown what will be done, and throws when it should not
   * @throws HubError when nothing was begun
   */
  async deploy(
    request: DeployRequest,
    signal: AbortSignal,
    agree: (planned: Planned) => void = () => {},
  ): Promise<ServerRecord> {
    const { servers, mounting, maxServers } = this.#parts;
    const planned = await this.#parts.planner.plan(request, signal);
    const missing = missingIn(planned);
    if (missing.length > 0) {
      throw new HubError('faltam_variaveis', `O servidor precisa de ${missing.join(', ')}; nada foi iniciado.`, {
        errors: missing.map((name) => ({ field: `env.${name}`, message: 'é obrigatória' })),
        hint: 'Dê os valores em env; ?dry_run=true diz para que serve cada uma.',
      });
    }
    if (servers.all().length >= maxServers) {
      throw new HubError('limite_de_servidores', `O hub já guarda ${maxServers} servidores.`, {
        hint: 'Apague um com DELETE /api/servers/{id}, ou aumente HUB_MAX_SERVERS.',
      });
    }
    // Planning took a while: another one may have taken the domain meanwhile, and from here on nobody waits.
    const domain = domainFor(planned.name, request.domain, domainsOf(servers, mounting));
    agree({ ...planned, domain });
    const record = recordOf({ ...planned, domain }, request, this.#parts.now?.() ?? new Date());
    await servers.add(record);
    this.#begin(record.id);
    return record;
  }

  plan(request: DeployRequest, signal: AbortSignal): Promise<Planned> {
    return this.#parts.planner.plan(request, signal);
  }

  /** @throws HubError when it runs or is being started already */
  async start(id: string): Promise<ServerRecord> {
    const { servers } = this.#parts;
    const { status } = servers.get(id);
    if (status === 'starting' || status === 'deployed') {
      throw new HubError('conflito_de_estado', 'O servidor já está em execução ou sendo iniciado.', {
        hint: 'Pare-o antes, com POST /api/servers/{id}/stop.',
      });
    }
    this.#crashes.forget(id);
    await servers.change(id, { wanted: 'running', status: 'starting', error: undefined });
    this.#begin(id);
    return servers.get(id);
  }

  /** Stopped as far as the hub goes, whatever the runner says: what could not be ended is told by the record. */
  async stop(id: string): Promise<ServerRecord> {
    const { servers } = this.#parts;
    servers.get(id);
    await servers.change(id, { wanted: 'stopped' });
    this.#starts.get(id)?.abort();
    await this.#inTurn(id, async () => {
      await servers.change(id, { status: 'stopped', error: await this.#takeDown(id) });
    });
    return servers.get(id);
  }

  /**
   * Where what runs it is not there any more, the server is forgotten all the same: what is left of it the sweep of a later
   * hub removes.
   *
   * @throws as the runner does where it is there; the record stays, and says so
   */
  async remove(id: string): Promise<void> {
    const { servers, mounting, logger } = this.#parts;
    servers.get(id);
    this.#starts.get(id)?.abort();
    await this.#inTurn(id, async () => {
      const record = servers.find(id);
      if (record === undefined) return;
      await this.#takeDown(id);
      const runner = this.#runnerOf(record);
      try {
        await runner?.remove(record);
      } catch (thrown) {
        if ((await runner?.unusable()) === undefined) {
          await servers.change(id, { wanted: 'stopped', status: 'stopped', error: leftText(thrown) });
          throw thrown;
        }
        logger.warn({ err: thrown, server: id }, 'hub forgets a server whose runner is gone');
      }
      await servers.remove(id);
      await mounting.unpin(id);
      this.#crashes.forget(id);
    });
  }

  /** What the runner and the gateway say of it together. */
  async health(id: string): Promise<Health> {
    const record = this.#parts.servers.get(id);
    const state = this.#parts.mounting.stateOf(id);
    if (state === undefined) return { healthy: false, detail: record.error ?? 'não está em execução' };
    if (state.state !== 'connected') return { healthy: false, detail: state.problem ?? state.state };
    return (await this.#healthOf(record)) ?? { healthy: true };
  }

  /** @returns the last lines, oldest first */
  async logs(id: string, limit: number): Promise<readonly string[]> {
    const record = this.#parts.servers.get(id);
    return (await this.#runnerOf(record)?.logs(record, limit)) ?? [];
  }

  /** After a restart of the hub: what ran is found again or started again. Resolves when each was tried. */
  async restore(): Promise<void> {
    const { servers, runners, logger } = this.#parts;
    // Who deploys while this goes on starts what is deployed.
    const before = servers.all();
    const known = new Set(before.map(({ id }) => id));
    const sweep = (runner: Runner): Promise<void> =>
      runner.sweep(known).catch((err: unknown) => logger.warn({ err, method: runner.method }, 'hub sweep failed'));
    // A turn of its own, which no server has: a hub that leaves waits for it as for everything else.
    this.#swept = this.#turns.take('sweep', () => Promise.all(runners.map(sweep)));
    await this.#swept;
    const waiting = before.filter(({ wanted }) => wanted === 'running');
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        if (!this.#closed) await this.#begin(next.id);
      }
    };
    await Promise.all(Array.from({ length: STARTS_AT_ONCE }, work));
  }

  /** Nothing is stopped for good: what ran is started again by the next hub. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#stopWatching();
    for (const start of this.#starts.values()) start.abort();
    await this.#turns.settled(FAREWELL_MS);
  }

  /** Never rejects: what goes wrong is told by the record. */
  #begin(id: string): Promise<void> {
    return this.#inTurn(id, () => this.#bringUp(id)).catch((err: unknown) =>
      this.#parts.logger.error({ err, server: id }, 'hub could not keep what became of a server'),
    );
  }

  async #bringUp(id: string): Promise<void> {
    const { servers, mounting, startTimeoutMs, log, logger } = this.#parts;
    await this.#swept;
    const record = servers.find(id);
    if (record === undefined || record.wanted !== 'running' || this.#closed) return;
    const runner = this.#runnerOf(record);
    const abort = new AbortController();
    this.#starts.set(id, abort);
    await servers.change(id, { status: 'starting', error: undefined });
    logger.info({ server: id, method: record.method }, 'hub starts a server');
    const { signal, end } = timeLimit(abort.signal, startTimeoutMs);
    try {
      if (runner === undefined) throw new HubError('sem_executor', `O executor ${record.method} não está neste hub.`);
      const unusable = await runner.unusable();
      if (unusable !== undefined) throw new HubError('nao_configurado', unusable);
      const reach = await runner.start(record, { signal, log: (line) => log(id, line) });
      this.#mounted.set(id, upstreamOf(record, reach));
      await this.#mount();
      const { tools, problem } = await untilConnected(mounting, id, signal);
      const url = reach.transport === 'stdio' ? undefined : reach.url;
      await servers.change(id, { status: 'deployed', tools: [...tools], url, error: problem });
      logger.info({ server: id, tools: tools.length }, 'hub server deployed');
    } catch (thrown) {
      const why = failureText(thrown, { timedOut: signal.aborted && !abort.signal.aborted, startTimeoutMs });
      await this.#takeDown(id);
      // Stopped by hand, or left to the next hub: no failure of the server's.
      if (!abort.signal.aborted) {
        await servers.change(id, { status: 'failed', error: why });
        log(id, `hub: ${why}`);
        logger.warn({ server: id, err: thrown }, 'hub server failed to start');
      }
    } finally {
      end();
      this.#starts.delete(id);
      // What changed while the record was written was nobody's to tell.
      this.#watch.look();
    }
  }

  #giveUp(id: string, why: string): void {
    const { servers, log, logger } = this.#parts;
    this.#mounted.delete(id);
    this.#inTurn(id, async () => {
      await this.#takeDown(id);
      await servers.change(id, { status: 'failed', error: why });
      log(id, `hub: ${why}`);
    }).catch((err: unknown) => logger.error({ err, server: id }, 'hub registry not written'));
  }

  /** @returns why what ran of it could not be ended, Portuguese; undefined when it was */
  async #takeDown(id: string): Promise<string | undefined> {
    const { servers, logger } = this.#parts;
    this.#mounted.delete(id);
    await this.#mount();
    const record = servers.find(id);
    // A hub that is leaving stops nobody: containers are found again by the next one.
    if (record === undefined || this.#closed) return undefined;
    try {
      await this.#runnerOf(record)?.stop(record);
      return undefined;
    } catch (thrown) {
      logger.warn({ err: thrown, server: id }, 'hub server not ended');
      return leftText(thrown);
    }
  }

  async #healthOf(record: ServerRecord): Promise<Health | undefined> {
    const runner = this.#runnerOf(record);
    return runner === undefined ? undefined : healthInTime(runner.health(record));
  }

  #mount(): Promise<void> {
    return this.#parts.mounting.mount([...this.#mounted.values()]);
  }

  #runnerOf({ method }: ServerRecord): Runner | undefined {
    return this.#parts.runners.find((runner) => runner.method === method);
  }

  #inTurn<T>(id: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.take(id, work);
  }
}
