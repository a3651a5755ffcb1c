// What the hub tells while somebody looks: the house, the servers and a server's log, over server-sent events.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readEvents, type StreamedEvent } from '../../../src/hub/page/event-stream.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { startHouse, type ToolBody } from '../../support/house.ts';
import { adminToken, startHub, type TestHub } from '../../support/hub-house.ts';
import { notesFolder } from '../../support/notes-server.ts';

const PATIENCE = { timeout: 60_000, interval: 50 };
let folder: string;
let hub: TestHub;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-live-'));
  await mkdir(join(folder, 'local', 'notas'), { recursive: true });
  for (const [name, text] of Object.entries(notesFolder('notas')))
    await writeFile(join(folder, 'local', 'notas', name), text);
  hub = await startHub({ HUB_LOCAL_DIR: join(folder, 'local'), AUDIT_LOG: join(folder, 'audit.jsonl') });
});
afterAll(async () => {
  await hub?.close();
  await rm(folder, { recursive: true, force: true });
});
const open = closeAfterEach();

interface Stream {
  readonly status: number;
  readonly seen: StreamedEvent[];
  /** The last event of this name, once it satisfies. */
  until(event: string, satisfies: (data: ToolBody) => boolean): Promise<ToolBody>;
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
}

async function listen(path: string, headers: Record<string, string> = {}): Promise<Stream> {
  const abort = new AbortController();
  open.push(async () => abort.abort());
  const response = await fetch(`${hub.house.origin}${path}`, {
    headers: { authorization: `Bearer ${adminToken}`, accept: 'text/event-stream', ...headers },
    signal: abort.signal,
  });
  const seen: StreamedEvent[] = [];
  const { body, status } = response;
  if (body === null) throw new Error('no body');
  const ended = (async () => {
    for await (const event of readEvents(body)) seen.push(event);
  })().catch(() => {});
  return {
    status,
    seen,
    ended,
    until: (name, satisfies) =>
      vi.waitFor(() => {
        const last = seen.findLast(({ event }) => event === name);
        const data: ToolBody = last === undefined ? undefined : JSON.parse(last.data);
        if (data === undefined || !satisfies(data)) throw new Error(`${name}: ${last?.data}`);
        return data;
      }, PATIENCE),
  };
}

it('the overview names the companies and what is wrong, and neither CNPJs nor keys', async () => {
  const { status, body } = await hub.ask('GET', '/api/overview');
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: 'ok', reasons: [], companies: { total: 1, disabled: [] } });
  expect(body.companies.items).toEqual([expect.objectContaining({ id: 'empresa_001', nome: expect.any(String) })]);
  expect(Date.parse(body.companies.loaded_at)).toBeGreaterThan(0);
  const [company] = Object.values<ToolBody>(hub.house.simulator.credentialsFile());
  for (const secret of [company.app_key, company.app_secret, company.cnpj]) {
    expect(JSON.stringify(body)).not.toContain(secret);
  }
});

it('a stream tells what there is, then what changes: a server comes up, is called, stops; the credentials turn bad', async () => {
  const stream = await listen('/api/events');
  expect(stream.status).toBe(200);
  await stream.until('servers', ({ servers }) => servers.length === 0);
  await stream.until('house', ({ status }) => status === 'ok');

  const { id } = await hub.deploy({ folder: 'notas', env: { NOTAS_CHAVE: 'canary-value' } });
  const { servers } = await stream.until('servers', (data) => data.servers[0]?.health.healthy === true);
  expect(servers).toEqual([expect.objectContaining({ id, status: 'deployed', env: ['NOTAS_CHAVE'] })]);
  expect(stream.seen.filter(({ event }) => event === 'house')).toHaveLength(1);

  const { body } = await hub.ask('GET', `/api/servers/${id}/tools`);
  expect(body.tools).toEqual([
    expect.objectContaining({ name: 'anotar', mounted_name: 'notas__anotar', read_only: false }),
    expect.objectContaining({ name: 'listar_notas', read_only: true, input_schema: expect.objectContaining({}) }),
    expect.objectContaining({ name: 'repetir', read_only: true }),
  ]);

  await hub.ask('POST', `/api/servers/${id}/stop`);
  await stream.until('servers', (data) => data.servers[0]?.status === 'stopped');
  await hub.house.writeCredentials('{"meio');
  await stream.until('house', ({ status, reasons }) => status === 'degraded' && /credentials/.test(reasons[0]));
  await hub.house.writeCredentials(hub.house.simulator.credentialsFile());
  await stream.until('house', ({ status }) => status === 'ok');
  expect(JSON.stringify(stream.seen)).not.toContain('canary-value');

  // Who looks stands in the audit from the beginning, not when they leave.
  const lines = await vi.waitFor(async () => {
    const text = await readFile(join(folder, 'audit.jsonl'), 'utf8');
    expect(text).toContain('hub/events');
    return text.split('\n').filter((line) => line.includes('hub/events'));
  }, PATIENCE);
  expect(lines).toHaveLength(1);
  await hub.ask('DELETE', `/api/servers/${id}`);
  await stream.until('servers', (data) => data.servers.length === 0);
});

it('a log is followed line by line until its server is gone', async () => {
  const { id } = await hub.deploy({ folder: 'notas' });
  const stream = await listen(`/api/servers/${id}/logs?limit=20`);
  await stream.until('lines', ({ lines }) => lines.some((line: string) => line.includes('servidor de notas pronto')));
  await hub.invoke(id, 'listar_notas');
  await stream.until('lines', ({ lines }) => lines.some((line: string) => line.includes('chamada: listar_notas')));
  // Still answered whole to who does not ask for events.
  expect((await hub.ask('GET', `/api/servers/${id}/logs`)).body.lines.length).toBeGreaterThan(1);
  await hub.ask('DELETE', `/api/servers/${id}`);
  await stream.ended;
  expect(stream.seen.at(-1)).toMatchObject({
    event: 'problem',
    data: expect.stringContaining('servidor_desconhecido'),
  });
});

it('nobody listens without the token in its header', async () => {
  for (const [path, headers] of [
    ['/api/events', { authorization: '' }],
    ['/api/events', { authorization: 'Bearer nao-e-este' }],
    [`/api/events?access_token=${adminToken}`, { authorization: '' }],
  ] as const) {
    const stream = await listen(path, headers);
    expect([path, stream.status]).toEqual([path, 401]);
  }
  expect((await hub.ask('GET', `/api/events?token=${adminToken}`)).status).toBe(400);
});

it('without a hub, / stays what it was', async () => {
  const house = await startHouse({ companies: 1 });
  open.push(() => house.close());
  for (const path of ['/', '/page/page.js', '/api/events']) {
    const response = await fetch(`${house.origin}${path}`);
    expect([path, response.status, response.headers.get('content-type')]).toEqual([
      path,
      404,
      expect.stringContaining('application/json'),
    ]);
  }
});
