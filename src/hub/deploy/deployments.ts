/** Servers from their deployment to their removal, as an operator wants them: one action of each at a time. */
import { KeyedTurns } from '../../keyed-turns.ts';
import type { Mounting } from '../mounting.ts';
import { HubError } from '../problem.ts';
import type { Health, Runner } from '../runners/runner.ts';
import { FullDiskError } from '../servers/data-disk.ts';
import { withoutValues } from '../servers/given-values.ts';
import { isToRun } from '../servers/server-list.ts';
import type { KnownServer, ServerRecord } from '../servers/server-record.ts';
import type { DeployRequest } from './deploy-request.ts';
import { domainFor, domainsOf } from './domain-name.ts';
import { notRemovedText } from './failure-text.ts';
import { recordOf } from './new-record.ts';
import { missingIn, type Planned } from './plan.ts';
import type { Planner } from './planner.ts';
import { Running, type RunningParts } from './running.ts';

export interface DeploymentsParts extends Omit<RunningParts, 'inTurn'> {
  readonly planner: Planner;
  readonly mounting: Mounting;
  readonly maxServers: number;
  readonly now?: () => Date;
}

/** Each is a small installation of its own: more at once only wait for each other. */
const STARTS_AT_ONCE = 3;
/** A process that is told to end may take about as long until it is killed. What is not done by then the next hub finds. */
const FAREWELL_MS = 8_000;

export class Deployments {
  readonly #parts: DeploymentsParts;
  readonly #running: Running;
  readonly #turns = new KeyedTurns();
  /** How many are at removing each. */
  readonly #leaving = new Map<string, number>();
  /** What a sweep removes must not be what a start has just made: no server is started while one goes on. */
  #swept: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(parts: DeploymentsParts) {
    this.#parts = parts;
    this.#running = new Running({ ...parts, inTurn: (id, work) => this.#turns.take(id, work) });
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

  /** @throws HubError when it runs, is being started or removed already, or the wish cannot be written */
  async start(id: string): Promise<KnownServer> {
    const { servers } = this.#parts;
    const { status } = servers.get(id);
    if (this.#leaving.has(id)) throw new HubError('conflito_de_estado', 'O servidor está sendo apagado.');
    if (status === 'planned' || status === 'starting' || status === 'deployed') {
      throw new HubError('conflito_de_estado', 'O servidor já está em execução ou sendo iniciado.', {
        hint: 'Pare-o antes, com POST /api/servers/{id}/stop.',
      });
    }
    this.#running.forgetFalls(id);
    await servers.decide(id, { wanted: 'running', status: 'starting', error: undefined, given_up: undefined });
    this.#begin(id);
    return servers.get(id);
  }

  /**
   * Stopped as far as the hub goes, whatever the runner and the disk say: what could not be done is told by the record. It
   * waits for nothing to be written before, and is answered when it is known whether it could be.
   */
  async stop(id: string): Promise<KnownServer> {
    const { servers } = this.#parts;
    servers.get(id);
    const wished = servers.note(id, { wanted: 'stopped' });
    this.#running.abortStart(id);
    const { noted } = await this.#turns.take(id, async () => {
      const error = await this.#running.takeDown(id);
      return { noted: servers.note(id, { status: 'stopped', error }) };
    });
    await Promise.all([wished, noted]);
    return servers.get(id);
  }

  /**
   * Where what runs it is not there any more, the server is forgotten all the same: what is left of it the sweep of a later
   * hub removes. Who asks for the same meanwhile waits for the same end.
   *
   * @throws as the disk and the runner do where they are there; the record stays, and says so. Where nothing could be
   * written from the beginning nothing of the server has been touched, but on a disk that is full: what the server takes up
   * there is removed first, for it may be the room that is missing
   */
  async remove(id: string): Promise<void> {
    const { servers } = this.#parts;
    servers.get(id);
    this.#leaving.set(id, (this.#leaving.get(id) ?? 0) + 1);
    try {
      await servers.decide(id, { wanted: 'stopped' }).catch((thrown: unknown) => {
        if (!(thrown instanceof FullDiskError)) throw thrown;
        void servers.note(id, { wanted: 'stopped' });
      });
      this.#running.abortStart(id);
      await this.#turns.take(id, () => this.#takeAway(id));
    } finally {
      // One that fails leaves the server to the others.
      const others = (this.#leaving.get(id) ?? 1) - 1;
      if (others > 0) this.#leaving.set(id, others);
      else this.#leaving.delete(id);
    }
  }

  /** What the runner and the gateway say of it together. */
  async health(id: string): Promise<Health> {
    const record = this.#parts.servers.get(id);
    const { detail, ...health } = await this.#healthOf(record);
    return detail === undefined ? health : { ...health, detail: withoutValues(detail, record.env) };
  }

  async #healthOf(record: ServerRecord): Promise<Health> {
    const { id } = record;
    const state = this.#parts.mounting.stateOf(id);
    if (state === undefined) return { healthy: false, detail: record.error ?? 'não está em execução' };
    if (state.state !== 'connected') return { healthy: false, detail: state.problem ?? state.state };
    return (await this.#running.healthOf(record)) ?? { healthy: true };
  }

  /** @returns the last lines, oldest first */
  async logs(id: string, limit: number): Promise<readonly string[]> {
    const record = this.#parts.servers.get(id);
    return (await this.#running.runnerOf(record)?.logs(record, limit)) ?? [];
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
    const waiting = before.filter(isToRun);
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
    this.#running.leave();
    await this.#turns.settled(FAREWELL_MS);
  }

  /** Never rejects: what goes wrong is told by the record. */
  #begin(id: string): Promise<void> {
    const bringUp = async (): Promise<void> => {
      await this.#swept;
      await this.#running.bringUp(id);
    };
    return this.#turns
      .take(id, bringUp)
      .catch((err: unknown) => this.#parts.logger.error({ err, server: id }, 'hub could not start a server'));
  }

  /** In its turn: who waited for it behind another one finds nothing to do. */
  async #takeAway(id: string): Promise<void> {
    const { servers, mounting, logger } = this.#parts;
    // What an earlier hub left at work would write into what is removed here.
    await this.#swept;
    const record = servers.find(id);
    if (record === undefined) return;
    const left = await this.#running.takeDown(id);
    const runner = this.#running.runnerOf(record);
    try {
      await runner?.remove(record);
    } catch (thrown) {
      if ((await runner?.unusable()) === undefined) {
        await servers.note(id, { status: 'stopped', error: left ?? notRemovedText(thrown) });
        throw thrown;
      }
      logger.warn({ err: thrown, server: id }, 'hub forgets a server whose runner is gone');
    }
    try {
      await servers.remove(id);
    } catch (thrown) {
      await servers.note(id, { status: 'stopped', error: notRemovedText(thrown) });
      throw thrown;
    }
    this.#running.forgetFalls(id);
    // Its id comes never again: a pin that stays is of nobody.
    await mounting.unpin(id).catch((err: unknown) => logger.warn({ err, server: id }, 'hub pins not forgotten'));
  }
}
