// 20,000 random (principal, company, door) triples over every transport, against an oracle of its own and Omie's journal.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyAudit } from '../../../src/audit/verify-audit.ts';
import { startHouse, type TestHouse } from '../../support/house.ts';
import { type TestToken, testToken, writeTokens } from '../../support/tokens.ts';
import { type Door, doors, textsOf } from './doors.ts';
import { type KnownCompany, type Oracle, oracleOf } from './oracle.ts';
import { agent, httpSession, modernHttp, rest, type Speaker, sse, stdio } from './speakers.ts';

const COMPANIES = 9;
const PRINCIPALS = 12;
const BATCH = 1_200;
const BATCHES = 20;

const ids = Array.from({ length: COMPANIES }, (_, index) => `empresa_${String(index + 1).padStart(3, '0')}`);
const scope = fc.oneof(
  { weight: 1, arbitrary: fc.constant(['*']) },
  {
    weight: 9,
    arbitrary: fc.uniqueArray(
      fc.constantFrom(...ids, 'grupo:holding', 'grupo:varejo', 'grupo:servicos', 'grupo:nenhum', 'empresa_999'),
      { minLength: 1, maxLength: 4 },
    ),
  },
);
const globs = fc.constantFrom(['*'], ['consultar_*'], ['*_empresa*'], ['listar_empresas', '*pagar*'], ['nada']);
const grant = fc.record({ empresas: scope, ferramentas: globs, modo: fc.constantFrom('leitura', 'escrita') });
/** How people name a company; what resolves to none is asked for too. */
const styles: readonly ((company: KnownCompany) => string)[] = [
  ({ id }) => id,
  ({ id }) => id.toUpperCase(),
  ({ nome }) => nome,
  ({ cnpj }) => cnpj,
  ({ cnpj }) => cnpj.replace(/\D/g, ''),
  ({ id }) => ` ${id} `,
];

interface Client {
  readonly token: TestToken;
  readonly oracle: Oracle;
  readonly speakers: readonly Speaker[];
}

let house: TestHouse;
let folder: string;
let companies: KnownCompany[];
let clients: Client[];
/** Fixed, so that a failure is one for everybody; `LEAKS_SEED` tries others. */
const seed = Number(process.env['LEAKS_SEED'] ?? 20_261_121);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-scopes-'));
  const tokens = fc
    .sample(grant, { numRuns: PRINCIPALS, seed })
    .map(({ empresas, ...more }, index) => testToken(`pessoa-${index}`, empresas, more));
  const tokensFile = writeTokens(folder, tokens);
  house = await startHouse({
    companies: COMPANIES,
    titlesPerCompany: 12,
    variables: {
      MCP_TOKENS_FILE: tokensFile,
      MCP_LOG_LEVEL: 'info',
      // Who keeps records looks every company up: that must not show either.
      AUDIT_LOG: join(folder, 'audit.jsonl'),
      ENABLE_METRICS: 'true',
      METRICS_PORT: '0',
      METRICS_COMPANIES: 'true',
    },
  });
  companies = Object.entries(house.simulator.credentialsFile()).map(([id, entry]) => ({ id, ...entry }));
  const { origin, credentialsFile } = house;
  const variables = {
    MCP_TOKENS_FILE: tokensFile,
    CREDENTIALS_FILE: credentialsFile,
    OMIE_BASE_URL: house.simulator.url,
  };
  clients = await Promise.all(
    tokens.map(async (token) => ({
      token,
      oracle: oracleOf(token, companies),
      speakers: [
        await httpSession(origin, token),
        modernHttp(origin, token),
        await sse(origin, token),
        rest(origin, token),
        ...(await stdio(variables, token)),
      ],
    })),
  );
}, 60_000);

afterAll(async () => {
  await Promise.all(clients.flatMap(({ speakers }) => speakers.map((speaker) => speaker.close())));
  await house.close();
  const { problem, lines } = await verifyAudit({ path: join(folder, 'audit.jsonl') });
  expect(problem).toBeUndefined();
  expect(lines).toBeGreaterThan(10_000);
  await agent.close();
  rmSync(folder, { recursive: true, force: true });
});

it('no door gives a company to who may not see it, and none that is refused reaches Omie', async () => {
  const tally = { asked: 0, allowed: 0, denied: 0, reached: 0 };
  const pairs = new Set<string>();
  const pick = (length: number) => fc.nat(length - 1);
  const triple = fc.tuple(pick(PRINCIPALS), pick(6), pick(doors.length), pick(COMPANIES), pick(styles.length));
  const batches = fc.sample(fc.array(triple, { minLength: BATCH, maxLength: BATCH }), { numRuns: BATCHES, seed });
  for (const batch of batches) {
    // One principal at a time, so that whatever reaches Omie meanwhile was asked by that one.
    for (const [index, client] of clients.entries()) {
      house.simulator.journal.clear();
      const mine = batch.filter(([principal]) => principal === index);
      await Promise.all(
        mine.map(async ([, speaker, door, company, style]) => {
          const verdict = await askOnce(client, speaker, door, company, style);
          if (verdict === undefined) return;
          tally.asked += 1;
          tally[verdict.allowed ? 'allowed' : 'denied'] += 1;
          pairs.add(verdict.pair);
        }),
      );
      const { entries } = house.simulator.journal;
      tally.reached += entries.length;
      for (const { companyId = '(unknown)' } of entries) expect(client.oracle.visible).toContain(companyId);
    }
  }

  expect(tally.asked, JSON.stringify(tally)).toBeGreaterThanOrEqual(20_000);
  expect(tally.denied, JSON.stringify(tally)).toBeGreaterThan(4_000);
  expect(tally.allowed, JSON.stringify(tally)).toBeGreaterThan(4_000);
  expect(tally.reached).toBeGreaterThan(0);
  // 12 doors over 6 transports, but for the six that REST does not have and the two where nobody subscribes.
  expect(pairs.size).toBe(12 * 6 - 6 - 2);
}, 300_000);

async function askOnce(client: Client, speakerIndex: number, doorIndex: number, companyIndex: number, style: number) {
  const speaker = client.speakers[speakerIndex]!;
  const door: Door = doors[doorIndex]!;
  const company = companies[companyIndex]!;
  const reference = styles[style]!(company);
  const answer = await speaker.ask(...door.request(reference));
  if (answer === undefined) return undefined;
  const question = { oracle: client.oracle, company, reference };
  const problem = door.judge(answer, question);
  const leaked = leakIn(textsOf(answer, reference), client.oracle.secrets);
  if (problem !== undefined || leaked !== undefined) {
    const who = JSON.stringify(client.token.entry);
    throw new Error(
      `seed ${seed}: ${speaker.transport} ${door.name} "${reference}" by ${who}: ${problem ?? `leaks ${leaked}`}\n${JSON.stringify(answer).slice(0, 1_500)}`,
    );
  }
  return { allowed: door.allowed(question), pair: `${speaker.transport} ${door.name}` };
}

function leakIn(text: string, secrets: readonly string[]): string | undefined {
  return secrets.find((secret) => text.includes(secret));
}
