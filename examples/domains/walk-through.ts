// What a client of the gateway sees: domains listed, one selected, the others refused, a server that dies and comes back.
import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { type Running, startDomain, startGateway } from './processes.ts';
import { until } from './until.ts';

export interface Ports {
  readonly gateway: number;
  readonly invoicing: number;
  readonly products: number;
  readonly users: number;
}
export const documentedPorts: Ports = { gateway: 9100, invoicing: 9101, products: 9102, users: 9103 };
/** For machines where something else may listen on those. */
export const anyPorts: Ports = { gateway: 0, invoicing: 0, products: 0, users: 0 };

export interface Stage {
  readonly ports: Ports;
  /** Of the gateway's own Omie tools, e.g. `CREDENTIALS_FILE` and `OMIE_BASE_URL`. */
  readonly omie: Readonly<Record<string, string>>;
  /** Called when all steps are done, with the gateway's address; everything is up until it resolves. */
  readonly afterwards?: (origin: string) => Promise<void>;
}

/** Starts three domain servers and the gateway, walks through, and leaves nothing running. Throws at the first surprise. */
export async function walkThrough({ ports, omie, afterwards }: Stage): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'domains-'));
  const running: Running[] = [];
  const keep = async (starting: Promise<Running>): Promise<Running> => {
    const one = await starting;
    running.push(one);
    return one;
  };
  try {
    const started = await Promise.allSettled([
      keep(startDomain('invoicing', ports.invoicing)),
      keep(startDomain('products', ports.products)),
      keep(startDomain('users', ports.users)),
    ]);
    const [invoicing, products, users] = started.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    assert.ok(invoicing && products && users);
    // A copy, because the gateway keeps its mcp.lock beside the file.
    const config = join(folder, 'gateway.yaml');
    await cp(fileURLToPath(new URL('gateway.yaml', import.meta.url)), config);
    const gateway = await keep(
      startGateway(ports.gateway, {
        ...omie,
        GATEWAY_CONFIG: config,
        INVOICING_PORT: String(invoicing.port),
        PRODUCTS_PORT: String(products.port),
        USERS_PORT: String(users.port),
      }),
    );
    const origin = `http://127.0.0.1:${gateway.port}`;
    const client = new Client({ name: 'example', version: '1.0.0' });
    let changes = 0;
    client.setNotificationHandler('notifications/tools/list_changed', () => {
      changes += 1;
    });
    await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', origin)));
    try {
      await selectAndCall(client, () => changes);
      await loseAndFind(client, origin, products, () => keep(startDomain('products', products.port)));
      await afterwards?.(origin);
    } finally {
      await client.close();
    }
  } finally {
    await Promise.all(running.map((one) => one.stop()));
    await rm(folder, { recursive: true, force: true });
  }
}

const domainList = z.object({
  domains: z.array(
    z.object({ domain: z.string(), servers: z.array(z.object({ id: z.string(), state: z.string() })) }).loose(),
  ),
});
const sessionStatus = z.object({ selected: z.array(z.string()), visible_tools: z.number() });
const refusal = z.object({ erro: z.object({ codigo: z.string(), sugestao: z.string().optional() }) });

async function selectAndCall(client: Client, changes: () => number): Promise<void> {
  const { domains } = domainList.parse((await client.callTool({ name: 'list_domains' })).structuredContent);
  assert.deepEqual(domains.map(({ domain }) => domain).sort(), ['invoicing', 'omie', 'products', 'users']);
  assert.ok(domains.every(({ servers }) => servers.every(({ state }) => state === 'connected')));
  say('list_domains', domains.map(({ domain }) => domain).join(', '));

  await client.callTool({ name: 'select_domain', arguments: { domain: 'invoicing' } });
  await until('the list to change', () => changes() > 0);
  const mounted = (await toolNames(client)).filter((name) => name.includes('__'));
  assert.deepEqual(mounted.sort(), ['invoicing__get_invoice', 'invoicing__list_invoices']);
  say('select_domain invoicing', `list_changed, and now ${mounted.join(', ')}`);

  const { invoices } = z
    .object({ invoices: z.array(z.object({ number: z.string() })) })
    .parse(await call(client, 'invoicing__list_invoices', { status: 'open' }));
  assert.deepEqual(
    invoices.map(({ number }) => number),
    ['NF-1001', 'NF-1003'],
  );
  const { erro } = refusal.parse(await fail(client, 'users__list_users', {}));
  assert.equal(erro.codigo, 'fora_do_dominio');
  assert.match(erro.sugestao ?? '', /domain="users"/);
  say('users__list_users', `refused: ${erro.codigo}`);

  await client.callTool({ name: 'select_domain', arguments: { domain: ['products', 'users'] } });
  const { selected, visible_tools: visible } = sessionStatus.parse(await call(client, 'get_session_status', {}));
  assert.deepEqual([selected, visible], [['products', 'users'], 4]);
  const found = await call(client, 'products__find_products', { text: 'café' });
  assert.match(JSON.stringify(found), /CAFE-002/);
  const active = await call(client, 'users__list_users', { only_active: true });
  assert.doesNotMatch(JSON.stringify(active), /carla/);
  await client.callTool({ name: 'select_domain', arguments: { domain: '*' } });
  say('get_session_status', `${visible} tools of ${selected.join(', ')}; each answered`);
}

async function loseAndFind(
  client: Client,
  origin: string,
  products: Running,
  startAgain: () => Promise<Running>,
): Promise<void> {
  await products.stop('SIGKILL');
  const { erro } = refusal.parse(await fail(client, 'products__get_product', { sku: 'PAO-001' }));
  assert.equal(erro.codigo, 'servidor_indisponivel');
  await until('the dead server to be reported', async () => (await stateOf(client, 'products')) === 'down');
  const { servers } = statusPage.parse(await (await fetch(`${origin}/mcp/status`)).json());
  assert.deepEqual(
    servers.map(({ id, connected }) => [id, connected]),
    [
      ['invoicing', true],
      ['products', false],
      ['users', true],
    ],
  );
  await call(client, 'invoicing__get_invoice', { number: 'NF-1002' });
  await call(client, 'users__get_user', { id: 'ana' });
  say('products was killed', `${erro.codigo}; invoicing and users still answer`);

  await startAgain();
  await until('the server to return', async () => (await stateOf(client, 'products')) === 'connected');
  const product = await call(client, 'products__get_product', { sku: 'PAO-001' });
  assert.match(JSON.stringify(product), /Pão francês/);
  say('products is back', 'found without a restart of the gateway');
}

const statusPage = z.object({ servers: z.array(z.object({ id: z.string(), connected: z.boolean() })) });

async function stateOf(client: Client, domain: string): Promise<string | undefined> {
  const { domains } = domainList.parse(await call(client, 'list_domains', {}));
  return domains.find((one) => one.domain === domain)?.servers[0]?.state;
}

async function toolNames(client: Client): Promise<string[]> {
  return (await client.listTools()).tools.map(({ name }) => name);
}

async function call(client: Client, name: string, args: Record<string, unknown>): Promise<unknown> {
  const { isError, structuredContent } = await client.callTool({ name, arguments: args });
  assert.ok(isError !== true, `${name}: ${JSON.stringify(structuredContent)}`);
  return structuredContent;
}

async function fail(client: Client, name: string, args: Record<string, unknown>): Promise<unknown> {
  const { isError, structuredContent } = await client.callTool({ name, arguments: args });
  assert.equal(isError, true, `${name} answered`);
  return structuredContent;
}

function say(step: string, outcome: string): void {
  console.log(`  ${step}: ${outcome}`);
}
