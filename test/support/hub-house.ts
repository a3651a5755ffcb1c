/** The whole product with its hub on, and an administrator's way to ask it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { type HouseOptions, startHouse, type TestHouse, type ToolBody } from './house.ts';

export const adminToken = 'token-de-administracao-do-hub-0001';

export interface HubAnswer {
  readonly status: number;
  readonly body: ToolBody;
  readonly headers: Headers;
}

export interface TestHub {
  readonly house: TestHouse;
  readonly dataDir: string;
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<HubAnswer>;
  /** Deploys and waits until it is deployed or failed: the server as it is then. */
  deploy(request: object): Promise<ToolBody>;
  /** Waits until the server is in one of the states. */
  until(id: string, ...status: string[]): Promise<ToolBody>;
  invoke(id: string, tool: string, args?: object): Promise<HubAnswer>;
  /** The text of a tool's answer. */
  told(id: string, tool: string, args?: object): Promise<string>;
  /** Everything stops; the data stays for {@link startHub} with the same folder. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** Generous: installing waits for a slow machine. */
const PATIENCE = { timeout: 60_000, interval: 50 };

export async function startHub(
  variables: Record<string, string> = {},
  folder?: string,
  more: Pick<HouseOptions, 'transports' | 'stdio' | 'hubModel'> = {},
): Promise<TestHub> {
  const dataDir = folder ?? (await mkdtemp(join(tmpdir(), 'omie-mcp-hub-data-')));
  const house = await startHouse({
    companies: 1,
    ...more,
    // npm is found by PATH.
    variables: {
      PATH: process.env['PATH'] ?? '',
      HUB_ENABLED: 'true',
      HUB_ADMIN_TOKEN: adminToken,
      HUB_DATA_DIR: dataDir,
      ...variables,
    },
  });
  const ask: TestHub['ask'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${house.origin}${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
  };
  const until: TestHub['until'] = (id, ...status) =>
    vi.waitFor(async () => {
      const { body } = await ask('GET', `/api/servers/${id}`);
      if (!status.includes(body.status)) throw new Error(`${id} is ${body.status}: ${body.error}`);
      return body;
    }, PATIENCE);
  const invoke: TestHub['invoke'] = (id, tool, args = {}) =>
    ask('POST', '/api/invoke', { server_id: id, tool_name: tool, args });
  return {
    house,
    dataDir,
    ask,
    until,
    invoke,
    async deploy(request) {
      const { status, body } = await ask('POST', '/api/deploy', request);
      if (status !== 202) throw new Error(`deploy answered ${status}: ${JSON.stringify(body)}`);
      return until(body.id, 'deployed', 'failed');
    },
    async told(id, tool, args) {
      const { status, body } = await invoke(id, tool, args);
      if (status !== 200) {
        const { body: now } = await ask('GET', `/api/servers/${id}`);
        throw new Error(`invoke answered ${status}: ${JSON.stringify(body)}; the server: ${JSON.stringify(now)}`);
      }
      return body.result.content[0].text;
    },
    stop: () => house.close(),
    async close() {
      await house.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
