// A record of who asked for what must not tell the one who asks: neither in words nor in time.
import { beforeAll, expect, it } from 'vitest';
import type { Company } from '../../../src/companies/company.ts';
import { CompanyDirectory } from '../../../src/companies/company-directory.ts';
import type { Principal } from '../../../src/companies/principal.ts';
import { createLogger } from '../../../src/logging/logger.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { companyIdsIn, followCompanies } from '../../../src/server/follow-companies.ts';
import { createToolSource } from '../../../src/server/run-tool.ts';
import type { CallReport } from '../../../src/tools/call-report.ts';
import { tools } from '../../../src/tools/catalog.ts';
import type { CallContext, ToolSource } from '../../../src/tools/tool-source.ts';
import { cnpj } from '../companies/credential-files.ts';

const companies = Array.from(
  { length: 8_000 },
  (_, number): Company => ({
    id: `empresa_${number}`,
    nome: `Comércio de Peças e Serviços Número ${number} LTDA`,
    cnpj: cnpj(number),
    ambiente: 'producao',
    grupos: [],
  }),
);
const principal: Principal = {
  id: 'ana',
  canSee: ({ id }) => id === 'empresa_17',
  canCall: () => true,
};
const scrubber = new SecretScrubber();
const reports: CallReport[] = [];
let source: ToolSource;

beforeAll(() => {
  const roll = { companies: () => companies, disabledEntries: () => [], onChange: () => () => {} };
  const directory = new CompanyDirectory(roll);
  source = createToolSource({
    tools,
    services: {
      directory,
      forCompany: () => expect.unreachable(),
      reloadCredentials: () => expect.unreachable(),
    },
    logger: createLogger({ level: 'silent', scrubber }),
    scrubber,
    observe: (report) => reports.push(report),
    follow: followCompanies(companyIdsIn(directory)),
  });
});

const context: CallContext = {
  principal,
  door: 'http',
  requestId: 'r-1',
  signal: new AbortController().signal,
  log: () => {},
  progress: () => {},
};

/** The quickest of many: what else the machine does only ever adds. */
async function quickestMs(reference: (round: number) => string): Promise<number> {
  let quickest = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 40; round += 1) {
    const args = { company_id: reference(round) };
    const startedAt = performance.now();
    const { erro } = await source.call('consultar_categorias_empresa', args, context);
    quickest = Math.min(quickest, performance.now() - startedAt);
    expect(erro?.codigo).toBe('empresa_nao_encontrada');
  }
  return quickest;
}

it('a denied attempt is recorded with its company, and takes as long as a guess that leads nowhere', async () => {
  const hidden = await quickestMs((round) => `empresa_${100 + round}`);
  expect(reports.at(-1)).toMatchObject({ companies: ['empresa_139'], outcome: 'empresa_nao_encontrada' });
  const absent = await quickestMs((round) => `empresa_${900_100 + round}`);
  expect(reports.at(-1)).toMatchObject({ companies: [], outcome: 'empresa_nao_encontrada' });
  // A search for near names among 8,000 takes more than ten milliseconds; looking one up, some microseconds.
  expect(Math.abs(absent - hidden), `hidden ${hidden} ms, absent ${absent} ms`).toBeLessThan(2);
});
