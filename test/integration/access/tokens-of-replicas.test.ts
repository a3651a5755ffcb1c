import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startHouse, type TestHouse } from '../../support/house.ts';
import { bearer, type TestToken, testToken, writeTokens } from '../../support/tokens.ts';

const folder = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-replicas-'));
const [ana, bia] = [testToken('ana', ['*']), testToken('bia', ['*'])];
let replicas: TestHouse[];

beforeAll(async () => {
  const variables = { MCP_TOKENS_FILE: writeTokens(folder, [ana]) };
  replicas = await Promise.all([startHouse({ variables }), startHouse({ variables })]);
});
afterAll(async () => {
  for (const replica of replicas) await replica.close();
  rmSync(folder, { recursive: true, force: true });
});

const statuses = (token: TestToken) =>
  Promise.all(replicas.map(async (one) => (await one.post('listar_empresas', {}, bearer(token))).status));

it('a tokens file that replicas share takes effect at all of them, told by nobody', async () => {
  expect(await statuses(ana)).toEqual([200, 200]);
  writeTokens(folder, [bia]);
  await expect.poll(() => statuses(bia), { timeout: 15_000 }).toEqual([200, 200]);
  expect(await statuses(ana)).toEqual([401, 401]);
});
