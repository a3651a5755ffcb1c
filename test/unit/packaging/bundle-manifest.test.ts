import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getMcpConfigForManifest, MANIFEST_SCHEMAS } from '@anthropic-ai/mcpb';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { packageFacts } from '../../../scripts/package-facts.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { financialAnalysis } from '../../../src/prompts/financial-analysis.ts';
import { tools } from '../../../src/tools/catalog.ts';

const root = new URL('../../../', import.meta.url);
const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8'));
const manifest = MANIFEST_SCHEMAS['0.3'].parse(readJson('manifest.json'));
const configured = async (userConfig: Record<string, string | boolean>) =>
  getMcpConfigForManifest({ manifest, extensionPath: '/ext', systemDirs: {}, userConfig, pathSeparator: '/' });

describe('manifest.json', () => {
  it('is this version of this package', () => {
    expect(manifest).toMatchObject({ name: packageFacts.name, version: packageFacts.version, manifest_version: '0.3' });
  });

  it('lists exactly the tools and prompts that the server offers', () => {
    expect(manifest.tools?.map(({ name }) => name)).toEqual(tools.map(({ descriptor }) => descriptor.name));
    expect(manifest.prompts).toHaveLength(1);
    const [prompt] = manifest.prompts ?? [];
    expect(prompt?.name).toBe(financialAnalysis.name);
    expect(prompt?.arguments).toEqual(financialAnalysis.arguments.map(({ name }) => name));
    for (const { name } of financialAnalysis.arguments) expect(prompt?.text).toContain(`\${arguments.${name}}`);
    expect(prompt?.text).toMatch(/1\. Chame consultar_contas_receber_empresa .*\n2\. /s);
    expect(prompt?.text).not.toContain('Hoje é');
  });

  it('needs nothing but the credentials file; with it alone every setting is the default', async () => {
    expect(await configured({})).toBeUndefined();
    const started = await configured({ credentials_file: '/home/ana/credentials.json' });
    expect(started?.args).toEqual(['/ext/dist/main.js', 'serve', '--transports', 'stdio']);
    expect(JSON.stringify(started)).not.toContain('${');
    const variables = z.record(z.string(), z.string()).parse(started?.env);
    const dotenvPath = fileURLToPath(new URL('no-such.env', root));
    const { environment } = loadConfig({ dotenvPath, variables });
    const standard = loadConfig({ dotenvPath, variables: {} }).environment;
    expect(environment).toEqual({ ...standard, CREDENTIALS_FILE: '/home/ana/credentials.json' });
  });

  it('carries every answer of the dialog into the environment', async () => {
    const answers = {
      credentials_file: '/c.json',
      mask_cpf: true,
      omie_base_url: 'http://127.0.0.1:1/api/v1/',
      log_level: 'debug',
    };
    expect(Object.keys(answers).sort()).toEqual(Object.keys(manifest.user_config ?? {}).sort());
    expect((await configured(answers))?.env).toEqual({
      CREDENTIALS_FILE: '/c.json',
      MASK_CPF: 'true',
      OMIE_BASE_URL: 'http://127.0.0.1:1/api/v1/',
      MCP_LOG_LEVEL: 'debug',
    });
  });

  it('has its icon and its English texts', () => {
    expect(existsSync(new URL(manifest.icon ?? 'none', root))).toBe(true);
    const resources = manifest.localization?.resources.replace('${locale}', 'en-US') ?? 'none';
    const english = z.record(z.string(), z.string()).parse(readJson(resources));
    for (const key of Object.keys(english)) expect(manifest).toHaveProperty(key);
  });
});
