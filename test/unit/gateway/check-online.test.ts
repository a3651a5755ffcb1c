import { describe, expect, it } from 'vitest';
import { checkGateway } from '../../../src/cli/validate-gateway.ts';
import { AppError } from '../../../src/errors.ts';
import { checkOnline } from '../../../src/gateway/config/check-online.ts';
import { parseGateway } from '../../../src/gateway/config/read-gateway-file.ts';

const yaml = `mcp_servers:
  good: {url: "https://good.example", domains: [a]}
  bad: {url: "https://bad.example", domains: [b]}
  slow: {url: "https://slow.example", domains: [c], timeout: 0.1, connect_timeout: 0.1}
  off: {url: "https://off.example", domains: [d], disabled: true}
`;

describe('checking servers online', () => {
  it('asks each mounted one, names the failures, gives up on the silent', async () => {
    const parsed = parseGateway(Buffer.from(yaml), { file: 'g', baseDir: '/', variables: {} });
    if ('problems' in parsed) throw new Error(parsed.problems.join());
    const asked: string[] = [];
    const findings = await checkOnline(parsed.content, async ({ id }, signal) => {
      asked.push(id);
      if (id === 'bad') throw new AppError('omie_indisponivel', 'recusou a conexão');
      if (id === 'slow') await new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
      return { tools: 3, resources: 1, prompts: 0, problems: ['ferramenta "x" recusada'] };
    });
    expect(asked).toEqual(['good', 'bad', 'slow']);
    expect(findings).toEqual([
      { server: 'good', text: '3 ferramenta(s), 1 recurso(s), 0 prompt(s); ferramenta "x" recusada', good: true },
      { server: 'bad', text: 'recusou a conexão', good: false },
      { server: 'slow', text: 'não respondeu em 0.2 s', good: false },
    ]);
  });

  it('says of a file that is missing that it is', async () => {
    const lines: string[] = [];
    const path = '/nowhere/gateway.yaml';
    expect(await checkGateway({ path, variables: {}, online: false, say: (line) => lines.push(line) })).toBe(false);
    expect(lines).toEqual(['erro: gateway.yaml: o arquivo não existe (ou é um link para um arquivo que não existe)']);
  });
});
