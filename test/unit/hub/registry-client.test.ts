import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openRegistryClient } from '../../../src/hub/registry/registry-client.ts';

let sent: number;
let hungUp: boolean;
/** Never comes to the end of what it says. */
const endless = createServer((_req, res) => {
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
      message: expect.stringContaining('fora do formato'),
    });
    await vi.waitFor(() => expect(hungUp).toBe(true), { timeout: 20_000 });
    expect(sent).toBeLessThan(64 * 1_048_576);
  } finally {
    await close();
  }
});
