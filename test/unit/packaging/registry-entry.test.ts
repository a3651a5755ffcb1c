import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { registryVariable } from '../../../scripts/registry-entry.ts';
import { environmentSchema, secretNames } from '../../../src/config/environment.ts';
import { registryServer } from '../../support/registry-schema.ts';

const readJson = (path: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8'));
const manifest = z
  .looseObject({ name: z.string(), version: z.string(), mcpName: z.string(), repository: z.unknown().optional() })
  .parse(readJson('package.json'));

describe('server.json', () => {
  const entry = registryServer.parse(readJson('server.json'));

  it('names the package that package.json describes, at its version, by its registry name', () => {
    expect(entry.name).toBe(manifest.mcpName);
    expect(entry.version).toBe(manifest.version);
    expect(entry.packages).toMatchObject([
      { registryType: 'npm', identifier: manifest.name, version: manifest.version, transport: { type: 'stdio' } },
    ]);
  });

  it('says where the source is exactly when package.json does', () => {
    expect('repository' in entry).toBe(manifest.repository !== undefined);
  });

  it('asks only for settings that exist, with defaults that the configuration accepts', () => {
    const variables = entry.packages[0]?.environmentVariables ?? [];
    expect(variables.map(({ name }) => name)).toContain('CREDENTIALS_FILE');
    for (const { name, default: standard } of variables) {
      const known = Object.entries(environmentSchema.shape).find(([setting]) => setting === name)?.[1];
      expect(known, name).toBeDefined();
      if (standard !== undefined) expect(known?.safeParse(standard).data).toEqual(known?.safeParse(undefined).data);
    }
  });

  it('marks every secret setting as secret, and no other', () => {
    for (const name of Object.keys(environmentSchema.shape)) {
      const key = environmentSchema.keyof().parse(name);
      expect(registryVariable(key)['isSecret']).toBe(secretNames.includes(key));
    }
  });

  it.each([
    { name: 'no-namespace' },
    { name: 'a/b/c' },
    { description: 'x'.repeat(101) },
    { version: '^1.0.0' },
    { version: 'latest' },
    { title: '' },
    { surprise: true },
    { packages: [{ registryType: 'npm', identifier: 'x', version: '1.0.0' }] },
  ])('the schema refuses %j', (change) => {
    expect(registryServer.safeParse({ ...entry, ...change }).success).toBe(false);
  });
});
