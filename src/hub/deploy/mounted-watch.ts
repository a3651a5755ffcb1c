/** What happens to servers after they were deployed: new tools, falls, and who starts them again. */
import type { UpstreamConfig } from '../../gateway/config/gateway-config.ts';
import type { Logger } from '../../logging/logger.ts';
import type { MountedState, Mounting } from '../mounting.ts';
import type { Health } from '../runners/runner.ts';
import type { ServerList } from '../servers/server-list.ts';
import type { ServerRecord } from '../servers/server-record.ts';
import type { CrashLoop } from './crash-loop.ts';

/** What of its tools a record keeps. */
export function offeredBy({ tools, held = [] }: MountedState): Pick<ServerRecord, 'tools' | 'quarantined'> {
  return { tools: [...tools], quarantined: held.length === 0 ? undefined : held.map(({ ownName }) => ownName) };
}

const LOOK_AGAIN_MS = 15_000;

export interface MountedWatchParts {
  readonly servers: ServerList;
  readonly mounting: Mounting;
  readonly logger: Logger;
  readonly crashes: CrashLoop;
  /** As it is mounted; undefined for one that nobody has to look after now. */
  readonly watched: (id: string) => UpstreamConfig | undefined;
  readonly healthOf: (record: ServerRecord) => Promise<Health | undefined>;
  readonly inTurn: (id: string, work: () => Promise<void>) => Promise<void>;
  readonly bringUp: (id: string) => Promise<void>;
  /** @param isForGood no hub starts it by itself any more */
  readonly giveUp: (id: string, why: string, isForGood: boolean) => void;
  /** After how long one is looked at again whose runner cannot say how it is, in milliseconds. */
  readonly lookAgainMs?: number;
}

export class MountedWatch {
  readonly #parts: MountedWatchParts;
  readonly #lookedAfter = new Set<string>();
  #later: NodeJS.Timeout | undefined;

  constructor(parts: MountedWatchParts) {
    this.#parts = parts;
  }

  /** Takes up what has changed of those that were deployed. */
  look(): void {
    const { servers, mounting, crashes, watched, giveUp } = this.#parts;
    for (const { id, status } of servers.all()) {
      const mounted = watched(id);
      if (mounted === undefined || this.#lookedAfter.has(id)) continue;
      const now = mounting.stateOf(id);
      if (now === undefined) continue;
      const keep = (changes: Partial<ServerRecord>): void => void servers.note(id, changes);
      if (now.state === 'connected' || now.state === 'quarantined') {
        keep({ status: 'deployed', ...offeredBy(now), error: now.problem });
      } else if (status === 'deployed') {
        if (crashes.fell(id)) giveUp(id, 'caiu vezes demais em pouco tempo; não é mais iniciado sozinho', true);
        else keep({ status: 'starting', error: `caiu e está sendo iniciado de novo: ${now.problem ?? 'sem motivo'}` });
        this.#lookAfter(id);
      } else if (status === 'starting' && mounted.transport !== 'stdio') {
        this.#lookAfter(id);
      } else if (now.state === 'down' && status === 'starting') {
        giveUp(id, `não voltou: ${now.problem ?? 'sem motivo'}`, false);
      }
    }
  }

  /** A program that fell the gateway starts again; what listens by itself is its runner's to start, once it has ended. */
  #lookAfter(id: string): void {
    const { servers, mounting, logger, inTurn, healthOf, bringUp, giveUp } = this.#parts;
    if (this.#parts.watched(id)?.transport === 'stdio') return;
    this.#lookedAfter.add(id);
    inTurn(id, async () => {
      const record = servers.find(id);
      const health = record === undefined ? undefined : await healthOf(record);
      const now = mounting.stateOf(id);
      if (now === undefined || now.state === 'connected') return;
      if (health?.unknown === true) this.#lookLater();
      else if (health?.healthy === false) await bringUp(id);
      else if (now.state === 'down') giveUp(id, `não voltou: ${now.problem ?? 'sem motivo'}`, false);
    })
      .catch((err: unknown) => logger.error({ err, server: id }, 'hub server not looked after'))
      .finally(() => this.#lookedAfter.delete(id));
  }

  /** Who cannot be asked is back without a word: the gateway may have nothing to tell by then. */
  #lookLater(): void {
    this.#later ??= setTimeout(() => {
      this.#later = undefined;
      this.look();
    }, this.#parts.lookAgainMs ?? LOOK_AGAIN_MS).unref();
  }
}
