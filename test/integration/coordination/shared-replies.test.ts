import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresLink } from '../../../src/coordination/postgres/link.ts';
import { PostgresReplies } from '../../../src/coordination/postgres/postgres-replies.ts';
import { systemClock } from '../../../src/omie/clock.ts';
import { OmieFault } from '../../../src/omie/faults.ts';
import { SharedReplies } from '../../../src/omie/shared-replies.ts';
import { findPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';

const bin = await findPostgres();
const key = Buffer.alloc(32, 7);
const reply = { status: 200, retryAfter: undefined, text: '{"titulos":["Padaria São João","café"]}' };

describe.skipIf(bin === undefined)('SharedReplies over PostgreSQL', () => {
  let postgres: TestPostgres;
  const links: PostgresLink[] = [];
  const open = async (): Promise<SharedReplies> => {
    const link = new PostgresLink({ url: postgres.url, report: () => {} });
    const exchange = new PostgresReplies(link);
    link.listen(exchange);
    await link.start();
    links.push(link);
    return new SharedReplies(exchange, systemClock);
  };
  const question = (name: string, { withKey = key, forMs = 5_000, signal = new AbortController().signal } = {}) => ({
    name,
    key: withKey,
    deadlineAt: systemClock.now() + forMs,
    signal,
  });

  beforeAll(async () => {
    postgres = await startPostgres(bin ?? '');
  });
  afterAll(async () => {
    for (const link of links) await link.close();
    await postgres?.close();
  });

  it('one asks, the others wait for its reply, and the database holds nothing it could read', async () => {
    const replicas = await Promise.all(Array.from({ length: 3 }, open));
    const name = randomUUID();
    const claims = replicas.flatMap((one) => Array.from({ length: 10 }, () => one.claim(question(name))));
    const asking: string[] = [];
    const outcomes = await Promise.all(
      claims.map(async (claim) => {
        const got = await claim;
        if (got.kind === 'lease') {
          asking.push(name);
          await new Promise((resolve) => setTimeout(resolve, 60));
          got.lease.keep(reply, systemClock.now() - 2_000);
          return 'asked';
        }
        expect(got.kind === 'reply' && got.reply).toEqual(reply);
        if (got.kind === 'reply') expect(systemClock.now() - got.arrivedAt).toBeGreaterThanOrEqual(2_000);
        return got.kind;
      }),
    );
    expect(asking).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'reply')).toHaveLength(29);
    const [row] = await postgres.query(
      "SELECT body, expires_at > now() + interval '55 s' AS long FROM omie_mcp_hub.replies",
    );
    const stored = row?.['body'];
    expect(Buffer.isBuffer(stored) && stored.includes('Padaria')).toBe(false);
    expect(Buffer.isBuffer(stored) && stored.length).toBeGreaterThan(30);
    expect(row?.['long']).toBe(true);
  });

  it('a reply sealed with another key, altered or moved to another question is not taken', async () => {
    const [a, b] = [await open(), await open()];
    const [name, other] = [randomUUID(), randomUUID()];
    const mine = await a.claim(question(name));
    if (mine.kind === 'lease') mine.lease.keep(reply, systemClock.now());
    await a.settled();
    expect((await b.claim(question(name))).kind).toBe('reply');
    expect((await b.claim(question(name, { withKey: Buffer.alloc(32, 8) }))).kind).toBe('alone');
    await postgres.query('UPDATE omie_mcp_hub.replies SET question = $2 WHERE question = $1', [name, other]);
    expect((await b.claim(question(other))).kind).toBe('alone');
    await postgres.query(
      'UPDATE omie_mcp_hub.replies SET question = $1, body = set_byte(body, 40, 1 + get_byte(body, 40) % 255) WHERE question = $2',
      [name, other],
    );
    expect((await b.claim(question(name))).kind).toBe('alone');
  });

  it('a dropped lease goes to the next in line, one that was never ended returns, a late one takes nothing away', async () => {
    const [a, b] = [await open(), await open()];
    const name = randomUUID();
    const first = await a.claim(question(name));
    const second = b.claim(question(name));
    if (first.kind === 'lease') first.lease.drop();
    expect((await second).kind).toBe('lease');

    const dead = randomUUID();
    // Its replica is gone: nobody ends it, and it lasts as long as the asking could take.
    const lost = await a.claim(question(dead, { forMs: 300 }));
    const heir = await b.claim(question(dead));
    expect(heir.kind).toBe('lease');
    if (heir.kind === 'lease') heir.lease.keep(reply, systemClock.now());
    await b.settled();
    if (lost.kind === 'lease') lost.lease.drop();
    await a.settled();
    expect((await a.claim(question(dead))).kind).toBe('reply');
  });

  it('who waits in vain gives up in time, or when nobody waits for it any more', async () => {
    const [a, b] = [await open(), await open()];
    const name = randomUUID();
    await a.claim(question(name));
    await expect(b.claim(question(name, { forMs: 200 }))).rejects.toThrow(OmieFault);
    const gone = new AbortController();
    const waiting = b.claim(question(name, { signal: gone.signal }));
    setTimeout(() => gone.abort(), 50);
    await expect(waiting).rejects.toThrow(/cancel/i);
  });

  it('without the database each asks by itself, also who waited', async () => {
    const [a, b] = [await open(), await open()];
    const name = randomUUID();
    await a.claim(question(name));
    const waiting = b.claim(question(name));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await postgres.stop();
    expect((await waiting).kind).toBe('alone');
    expect((await a.claim(question(randomUUID()))).kind).toBe('alone');
  });
});
