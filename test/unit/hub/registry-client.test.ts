import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createGitHubClient } from '../../../src/hub/discovery/github-client.ts';
import { openRegistryClient } from '../../../src/hub/registry/registry-client.ts';
import { createGuardedFetch } from '../../../src/hub/safety/guarded-fetch.ts';

let sent: number;
let hungUp: boolean;
/** Never comes to the end of what it says. */
const endless = createServer(({ url }, res) => {
  res.writeHead(url === '/refused' ? 403 : 200, { 'content-type': 'application/json' });
  const piece = Buffer.alloc(65_536, 'x');
  const say = (): void => {
    while (!res.destroyed && res.write(piece)) sent += piece.length;
  };
  res.on('drain', say).on('close', () => {
    hungUp = true;
  });
  say();
});
beforeEach(async () => {
  [sent, hungUp] = [0, false];
  await once(endless.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  endless.closeAllConnections();
  endless.close();
});

it('an answer without an end is not read to it', async () => {
  const { port } = endless.address() as AddressInfo;
  const { client, close } = openRegistryClient(`http://127.0.0.1:${port}/`, () => new Date());
  try {
    await expect(client.read('a.example/b', undefined, new AbortController().signal)).rejects.toMatchObject({
      code: 'fonte_indisponivel',
      message: expect.stringContaining('mais do que 1 MB'),
    });
    await vi.waitFor(() => expect(hungUp).toBe(true), { timeout: 20_000 });
    expect(sent).toBeLessThan(64 * 1_048_576);
  } finally {
    await close();
  }
});

it.each(['/endless', '/refused'])('nor one of GitHub (%s)', async (path) => {
  const { port } = endless.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/`;
  const fetch = createGuardedFetch({ trusted: baseUrl });
  const github = createGitHubClient({ baseUrl, fetch, now: () => new Date() });
  try {
    await expect(github.get('core', path, {}, { signal: new AbortController().signal })).rejects.toMatchObject({
      code: 'fonte_indisponivel',
      message: expect.stringContaining('mais do que 5 MB'),
    });
    await vi.waitFor(() => expect(hungUp).toBe(true), { timeout: 20_000 });
    expect(sent).toBeLessThan(64 * 1_048_576);
  } finally {
    await fetch.close();
  }
});
