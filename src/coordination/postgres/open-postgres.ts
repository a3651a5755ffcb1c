/** Everything that replicas share through one database. */
import { randomUUID } from 'node:crypto';
import { type Coordination, type Topic, topics } from '../coordination.ts';
import { CHANNEL, type LinkListener, PostgresLink } from './link.ts';
import { PostgresBudget } from './postgres-budget.ts';
import { PostgresReplies } from './postgres-replies.ts';
import { PostgresStore } from './postgres-store.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string;
  readonly address: string;
  /** Replicas there may be at most. */
  readonly replicas: number;
  /** Told once for each change; `reason` is Portuguese and names no address. */
  readonly report: (event: { state: 'up' | 'down'; reason?: string; code?: string }) => void;
  /** A steady clock, milliseconds. */
  readonly now?: () => number;
}

/** Longer the end of the process does not wait for what sessions wrote last. */
const LAST_WRITES_MS = 1_000;

/** Waits for the first attempt to connect (3 s at most); a database that is away is tried again for ever. Never throws. */
export async function openPostgres(options: PostgresOptions): Promise<Coordination> {
  const { url, address, replicas, report, now = () => performance.now() } = options;
  const replica = randomUUID();
  const link = new PostgresLink({ url, report });
  const calls = new PostgresBudget({ link, replica, address, replicas, now });
  const replies = new PostgresReplies(link);
  const store = new PostgresStore(link, now);
  const news = new News(link, replica);
  for (const listener of [calls, replies, store, news]) link.listen(listener);
  await link.start();
  return {
    omie: { calls, replies },
    store,
    announce: (topic) => news.announce(topic),
    onAnnounced: (listener) => news.listeners.push(listener),
    problem: () => {
      if (link.problem === undefined) return undefined;
      return `${link.problem}; esta réplica segue sozinha, com 1/${replicas} dos limites do Omie`;
    },
    async close() {
      await store.settled(LAST_WRITES_MS);
      await link.close();
    },
  };
}

class News implements LinkListener {
  readonly listeners: ((topic: Topic) => void)[] = [];
  readonly #link: PostgresLink;
  readonly #replica: string;

  constructor(link: PostgresLink, replica: string) {
    this.#link = link;
    this.#replica = replica;
  }

  announce(topic: Topic): void {
    // Unsent, the others hear it all the same: whoever comes back looks at everything again.
    this.#link.query('SELECT pg_notify($1, $2)', [CHANNEL, `topic ${this.#replica} ${topic}`]).catch(() => {});
  }

  async up(first: boolean): Promise<void> {
    if (!first) for (const topic of topics) this.#tell(topic);
  }

  down(): void {}

  async beat(): Promise<void> {}

  heard(message: string): void {
    const [kind, from, topic] = message.split(' ');
    const known = topics.find((one) => one === topic);
    if (kind === 'topic' && from !== this.#replica && known !== undefined) this.#tell(known);
  }

  #tell(topic: Topic): void {
    for (const listener of this.listeners) listener(topic);
  }
}
