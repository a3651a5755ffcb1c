/** What a client test needs around it: a fake server that ends with the test, and terminals that remember. */
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { FakeMcpServer, type FakeOptions } from '../../support/fake-mcp-server.ts';

export class Terminal extends Writable {
  text = '';
  readonly isTTY: boolean;

  constructor(isTTY = false) {
    super({
      write: (chunk, _encoding, done) => {
        this.text += String(chunk);
        done();
      },
    });
    this.isTTY = isTTY;
  }

  get lines(): string[] {
    return this.text.split('\n');
  }
}

export async function startFake(options: FakeOptions): Promise<FakeMcpServer> {
  const fake = await FakeMcpServer.start(options);
  onTestFinished(() => fake.kill());
  return fake;
}

/** Waits for something to become true; says what was awaited when it does not. */
export async function until(what: string, holds: () => boolean, timeMs = 20_000): Promise<void> {
  const end = Date.now() + timeMs;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await delay(10);
  }
}

/** A port nobody listens on. */
export async function freePort(): Promise<number> {
  const fake = await FakeMcpServer.start({ companies: [] });
  await fake.kill();
  return fake.port;
}
