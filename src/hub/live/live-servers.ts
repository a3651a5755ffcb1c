import type { Deployments } from '../deploy/deployments.ts';
import type { Mounting } from '../mounting.ts';
import type { Health } from '../runners/runner.ts';
import type { ServerList } from '../servers/server-list.ts';
import { type ServerRecord, type ServerWithHealth, viewOf } from '../servers/server-record.ts';
import { SharedAnswers } from './shared-answers.ts';

export interface LiveServersParts {
  readonly servers: Pick<ServerList, 'all' | 'find'>;
  readonly deployments: Pick<Deployments, 'health'>;
  readonly mounting: Pick<Mounting, 'stateOf'>;
  /** For how long a health is the health of now, in milliseconds. */
  readonly keepMs?: number;
  /** How long a picture waits for one, in milliseconds. */
  readonly waitMs?: number;
}

/** Every server with its health, for whoever looks: however many do, each server is asked once in a while. */
export class LiveServers {
  readonly #parts: LiveServersParts;
  readonly #healths: SharedAnswers<Health>;

  constructor({ keepMs = 5_000, waitMs = 2_000, ...parts }: LiveServersParts) {
    this.#parts = { ...parts };
    this.#healths = new SharedAnswers({
      keepMs,
      waitMs,
      late: { healthy: false, unknown: true, detail: 'a saúde não foi dita a tempo' },
    });
  }

  /** One whose health cannot be had says so, and hides no other. */
  async read(): Promise<ServerWithHealth[]> {
    const { servers } = this.#parts;
    const records = servers.all();
    this.#healths.keepOnly(new Set(records.map(({ id }) => id)));
    return Promise.all(
      records.map(async (record) => {
        const health = await this.#healthOf(record);
        return { ...viewOf(servers.find(record.id) ?? record), health };
      }),
    );
  }

  /** What is known of it without asking anybody makes an answer of before an old one. */
  #healthOf({ id, status, error }: ServerRecord): Promise<Health> {
    const { deployments, mounting } = this.#parts;
    const mounted = mounting.stateOf(id);
    const about = JSON.stringify([status, error, mounted?.state, mounted?.problem]);
    return this.#healths.of(id, about, () =>
      deployments
        .health(id)
        .catch((): Health => ({ healthy: false, unknown: true, detail: 'a saúde não pôde ser consultada' })),
    );
  }
}
