import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { gatewayJsonSchema, SCHEMA_URL } from '../../../src/gateway/config/json-schema.ts';
import { parseGateway } from '../../../src/gateway/config/read-gateway-file.ts';

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url));
const example = read('gateway.example.yaml');
const fits = new Ajv({ strict: false }).compile(gatewayJsonSchema());
const good = { mcp_servers: { erp: { url: 'https://a.example', domains: ['sales'] } } };
const withServer = (fields: object) => ({ mcp_servers: { erp: { ...good.mcp_servers.erp, ...fields } } });

describe('the published schema', () => {
  it('is where the example’s first line says, inside the package', () => {
    const [first] = example.toString().split('\n');
    expect(first).toBe(`# yaml-language-server: $schema=${SCHEMA_URL}`);
    const path = new URL(SCHEMA_URL).pathname.replace('/omie-mcp-hub/', '');
    expect(JSON.parse(read(path).toString())).toEqual(gatewayJsonSchema());
    const { files } = JSON.parse(read('package.json').toString());
    expect(files.some((published: string) => path.startsWith(`${published}/`))).toBe(true);
    expect(files).toContain('gateway.example.yaml');
  });

  it('takes the example, and so does the server, without a word', () => {
    expect(fits(parse(example.toString()))).toBe(true);
    expect(parseGateway(example, { file: 'gateway.example.yaml', baseDir: '/', variables: {} })).toMatchObject({
      content: { servers: [{ id: 'database_mcp' }, { id: 'catalog' }, { id: 'files', disabled: true }] },
      warnings: [],
    });
  });

  it.each<[string, unknown, boolean]>([
    ['the least', good, true],
    ['an unknown key', withServer({ failureMode: 'open' }), false],
    ['an unknown section', { ...good, servers: {} }, false],
    ['priority 1000', withServer({ priority: 1_000 }), false],
    ['url and command', withServer({ command: 'npx' }), false],
    ['neither', { mcp_servers: { erp: { domains: ['sales'] } } }, false],
    ['no domain', withServer({ domains: [] }), false],
    ['a domain with _', withServer({ domains: ['my_sales'] }), false],
    ['a level of its own', { ...good, orchestration: { log_level: 'LOUD' } }, false],
    ['a level', { ...good, orchestration: { log_level: 'WARNING' } }, true],
  ])('judges %s as the server does', (_name, value, expected) => {
    const parsed = parseGateway(Buffer.from(JSON.stringify(value)), { file: 'g', baseDir: '/', variables: {} });
    expect(fits(value)).toBe(expected);
    expect('content' in parsed).toBe(expected);
  });

  it('describes every setting', () => {
    const text = JSON.stringify(gatewayJsonSchema());
    expect(text).not.toContain('"description":""');
    for (const key of ['resource_cache_ttl', 'allow_private_address', 'connect_timeout']) {
      expect(text).toMatch(new RegExp(`"${key}":\\{[^}]*"description"`));
    }
  });
});
