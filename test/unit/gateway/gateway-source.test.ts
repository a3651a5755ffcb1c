import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { type GatewayFileEvent, GatewaySource } from '../../../src/gateway/config/gateway-source.ts';

const file = (url: string) => `mcp_servers:\n  erp: {url: "${url}", domains: [sales]}\n`;

describe('following the gateway file', () => {
  let dir: string;
  let path: string;
  let source: GatewaySource | undefined;
  const events: GatewayFileEvent[] = [];
  const open = () => {
    source = new GatewaySource({ path, variables: {}, report: (event) => events.push(event) });
    return source;
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'gateway-'));
    path = join(dir, 'gateway.yaml');
    events.length = 0;
  });
  afterEach(() => {
    source?.close();
    source = undefined;
    rmSync(dir, { recursive: true });
  });

  it('refuses to start from a bad or missing file, with every problem', () => {
    expect(open).toThrow(ConfigurationError);
    writeFileSync(path, 'mcp_servers: {erp: {url: x}}\nother: 1\n', { mode: 0o600 });
    try {
      open();
    } catch (thrown) {
      expect(thrown instanceof ConfigurationError && thrown.problems).toHaveLength(2);
    }
    expect(events).toEqual([]);
  });

  it('takes over a good change and keeps the running configuration through a bad one', async () => {
    writeFileSync(path, file('https://one.example'), { mode: 0o600 });
    const following = open();
    const seen: (string | undefined)[] = [];
    following.onChange(({ servers }) => seen.push(servers[0]?.url));
    expect(following.config.servers[0]?.url).toBe('https://one.example');
    expect(events).toEqual([{ kind: 'loaded', servers: 1, warnings: [] }]);

    writeFileSync(path, file('ftp://two.example'), { mode: 0o600 });
    await vi.waitFor(() => expect(following.problem).toContain('mcp_servers.erp.url'), { timeout: 3_000 });
    expect(following.config.servers[0]?.url).toBe('https://one.example');
    expect(events.at(-1)).toMatchObject({ kind: 'rejected' });

    writeFileSync(`${path}.new`, file('https://three.example'), { mode: 0o600 });
    renameSync(`${path}.new`, path);
    await vi.waitFor(() => expect(following.config.servers[0]?.url).toBe('https://three.example'), { timeout: 3_000 });
    expect(following.problem).toBeUndefined();
    expect(seen).toEqual(['https://three.example']);
  });
});
