import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkDatabase } from '../../../src/coordination/postgres/check-database.ts';
import { PostgresLink } from '../../../src/coordination/postgres/link.ts';
import { PostgresStore } from '../../../src/coordination/postgres/postgres-store.ts';
import { checkSharedDatabase } from '../../../src/doctor/check-shared-database.ts';
import { Secret } from '../../../src/logging/secret.ts';
import { findPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { describeStore } from '../../unit/coordination/shared-store.ts';
import { until } from './open-replica.ts';

const bin = await findPostgres();

describe.skipIf(bin === undefined)('PostgresStore', () => {
  let postgres: TestPostgres;
  let link: PostgresLink;
  let store: PostgresStore;
  const links: PostgresLink[] = [];
  const open = async (url = postgres.url): Promise<{ link: PostgresLink; store: PostgresStore }> => {
    const one = new PostgresLink({ url, report: () => {} });
    const its = new PostgresStore(one, () => performance.now());
    one.listen(its);
    await one.start();
    links.push(one);
    return { link: one, store: its };
  };
  beforeAll(async () => {
    postgres = await startPostgres(bin ?? '');
    ({ link, store } = await open());
  });
  afterAll(async () => {
    for (const one of links) await one.close();
    await postgres?.close();
  });

  describeStore(() => store);

  it('is read by another replica and after a restart, and does not hold who it belongs to', async () => {
    await store.set('ana@example.com', 'dominios', '["omie"]', 60_000);
    const { store: other } = await open();
    expect(await other.get('ana@example.com', 'dominios')).toBe('["omie"]');
    expect(JSON.stringify(await postgres.query('SELECT * FROM omie_mcp_hub.session_values'))).not.toContain('ana@');
  });

  it('without the database reads what it wrote, and writes it down once the database is back', async () => {
    await store.set('eva', 'antes', '1', 60_000);
    await store.set('eva', 'apagada', '1', 60_000);
    await postgres.stop();
    await store.set('eva', 'durante', '2', 60_000);
    await store.delete('eva', 'apagada');
    expect(await store.get('eva', 'antes')).toBe('1');
    expect(await store.get('eva', 'durante')).toBe('2');
    expect(await store.get('eva', 'apagada')).toBeUndefined();
    await postgres.start();
    await until(() => link.isUp);
    const { store: other } = await open();
    expect(await other.get('eva', 'durante')).toBe('2');
    expect(await other.get('eva', 'apagada')).toBeUndefined();
    expect(await other.get('eva', 'antes')).toBe('1');
  }, 30_000);

  it('is made once by replicas that start together, and a role that may only use it will do', async () => {
    await postgres.query('DROP SCHEMA omie_mcp_hub CASCADE');
    const opened = await Promise.all(Array.from({ length: 6 }, () => open()));
    expect(opened.map((one) => one.link.problem)).toEqual(Array.from({ length: 6 }, () => undefined));
    await postgres.query(`
      CREATE ROLE plain LOGIN PASSWORD 'plain-password';
      GRANT USAGE ON SCHEMA omie_mcp_hub TO plain;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA omie_mcp_hub TO plain;`);
    const plain = await open(postgres.url.replace(/\/\/[^@]*@/, '//plain:plain-password@'));
    expect(plain.link.problem).toBeUndefined();
    await plain.store.set('fabio', 'x', '1', 60_000);
    expect(await plain.store.get('fabio', 'x')).toBe('1');
  });

  it('doctor counts the replicas, and warns when there are more than planned', async () => {
    const listening = await open();
    const url = new Secret(postgres.url);
    const [state, more] = await checkSharedDatabase(url, 1).run();
    expect(state?.what).toMatch(/PostgreSQL \d+.*esquema 1, \d+ réplica/);
    expect(more).toMatchObject({ level: 'aviso' });
    expect(await checkSharedDatabase(url, 64).run()).toHaveLength(1);
    await listening.link.close();
    const [broken] = await checkSharedDatabase(new Secret('postgres://a:b@127.0.0.1:1/c'), 4).run();
    expect(broken?.level).toBe('erro');
  });

  it('checkDatabase says what is there or what to mend, and never a part of the URL', async () => {
    expect(await checkDatabase(postgres.url)).toMatchObject({
      kind: 'ok',
      schemaVersion: 1,
      replicas: expect.any(Number),
    });
    const wrong = [
      [postgres.url.replace('only-for-this-test', 'wrong-password'), /usuário ou a senha/],
      [postgres.url.replace('/postgres', '/no_such_database'), /não existe/],
      ['postgres://hub:secret-part@127.0.0.1:1/postgres', /não pôde ser alcançado \(ECONNREFUSED\)/],
    ] as const;
    for (const [url, sentence] of wrong) {
      const finding = await checkDatabase(url);
      expect(finding).toMatchObject({ kind: 'problem', what: expect.stringMatching(sentence) });
      expect(JSON.stringify(finding)).not.toMatch(/wrong-password|no_such|secret-part|127\.0\.0\.1/);
    }
  });
});
