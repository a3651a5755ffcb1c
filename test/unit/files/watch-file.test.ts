import { mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CredentialEvent, CredentialManager } from '../../../src/companies/credential-manager.ts';
import { CredentialsSource } from '../../../src/companies/credentials-source.ts';
import { watchFile } from '../../../src/files/watch-file.ts';
import { file, scratch, until } from '../companies/credential-files.ts';

const LIMIT_MS = 2_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let folder: ReturnType<typeof scratch>;
let manager: CredentialManager | undefined;
let events: CredentialEvent[];
beforeEach(() => {
  folder = scratch();
  events = [];
});
afterEach(() => {
  manager?.close();
  manager = undefined;
  folder[Symbol.dispose]();
});

async function follow(path: string): Promise<CredentialManager> {
  const source = new CredentialsSource({ path, variables: {} });
  manager = new CredentialManager({
    source,
    maxEntries: 10,
    ttlMs: 60_000,
    watch: true,
    report: (event) => events.push(event),
  });
  // Let the first look pass, so that each test is about events and polls.
  await pause(300);
  return manager;
}
const count = () => manager?.companies().length;

describe('following the credentials file', () => {
  it('sees in-place writes, again and again', async () => {
    const path = folder.write('credentials.json', file(1));
    await follow(path);
    for (const size of [2, 3, 4]) {
      writeFileSync(path, JSON.stringify(file(size)));
      await until(() => count() === size, LIMIT_MS);
    }
  });

  it('sees files renamed over it, again and again', async () => {
    const path = folder.write('credentials.json', file(1));
    await follow(path);
    for (const size of [2, 3, 4, 5]) {
      renameSync(folder.write('new.tmp', file(size)), path);
      await until(() => count() === size, LIMIT_MS);
    }
  });

  it('sees the swap of a mounted secret’s ..data link, again and again', async () => {
    const publish = (version: string, size: number) => {
      mkdirSync(folder.path(version));
      folder.write(`${version}/credentials.json`, file(size));
      symlinkSync(version, folder.path('..data_tmp'));
      renameSync(folder.path('..data_tmp'), folder.path('..data'));
    };
    publish('..v1', 1);
    symlinkSync('..data/credentials.json', folder.path('credentials.json'));
    await follow(folder.path('credentials.json'));
    for (const size of [2, 3, 4]) {
      publish(`..v${size}`, size);
      await until(() => count() === size, LIMIT_MS);
    }
  });

  it('sees a link to another folder change behind the link', async () => {
    mkdirSync(folder.path('elsewhere'));
    mkdirSync(folder.path('here'));
    const real = folder.write('elsewhere/real.json', file(1));
    symlinkSync(real, folder.path('here/credentials.json'));
    await follow(folder.path('here/credentials.json'));
    renameSync(folder.write('elsewhere/tmp', file(2)), real);
    await until(() => count() === 2, LIMIT_MS);
  });

  it('keeps the good set while half a file lies there, says so once, and takes the whole one', async () => {
    const path = folder.write('credentials.json', file(1));
    const live = await follow(path);
    const text = JSON.stringify(file(2));
    writeFileSync(path, text.slice(0, 100));
    await until(() => live.status().state === 'degraded', LIMIT_MS);
    expect(count()).toBe(1);
    // Touched, and so looked at again, but with nothing new to say.
    for (let touch = 0; touch < 3; touch += 1) {
      utimesSync(path, touch, touch);
      await pause(300);
    }
    writeFileSync(path, text);
    await until(() => count() === 2, LIMIT_MS);
    expect(live.status().state).toBe('ok');
    expect(events.map(({ kind }) => kind)).toEqual(['loaded', 'rejected', 'loaded']);
  });

  it('ends with the last of 600 files renamed over it, never without companies', async () => {
    const path = folder.write('credentials.json', file(1));
    const live = await follow(path);
    let served = 0;
    let swapping = true;
    const load = (async () => {
      while (swapping) {
        expect((await live.get('empresa_1')).appKey.reveal()).toContain('chave-1');
        served += 1;
        await pause(1);
      }
    })();
    for (let swap = 1; swap <= 600; swap += 1) {
      renameSync(folder.write('new.tmp', file(1 + (swap % 7))), path);
      await pause(5);
    }
    renameSync(folder.write('new.tmp', file(9)), path);
    await until(() => count() === 9, LIMIT_MS);
    swapping = false;
    await load;
    expect(served).toBeGreaterThan(100);
    expect(events.every(({ kind }) => kind === 'loaded')).toBe(true);
    // More than the first and the last: a steady stream of changes does not put off looking for ever.
    expect(events.length).toBeGreaterThan(2);
  });
});

describe('watchFile', () => {
  it('says nothing when the content is what its owner knows, and nothing after the stop', async () => {
    const path = folder.write('credentials.json', file(1));
    const source = new CredentialsSource({ path, variables: {} });
    source.load();
    let calls = 0;
    const onChange = () => {
      calls += 1;
      source.load();
    };
    const stop = watchFile({ path, seen: () => source.fingerprint, onChange, debounceMs: 20, pollMs: 50 });
    utimesSync(path, 1, 1);
    await pause(250);
    expect(calls).toBe(0);
    writeFileSync(path, JSON.stringify(file(2)));
    await until(() => calls === 1, LIMIT_MS);
    stop();
    writeFileSync(path, JSON.stringify(file(3)));
    await pause(250);
    expect(calls).toBe(1);
  });

  it('notices what changed before it began to watch', async () => {
    const path = folder.write('credentials.json', file(1));
    const source = new CredentialsSource({ path, variables: {} });
    source.load();
    writeFileSync(path, JSON.stringify(file(2)));
    let calls = 0;
    const stop = watchFile({
      path,
      seen: () => source.fingerprint,
      onChange: () => {
        calls += 1;
        source.load();
      },
    });
    await until(() => calls === 1, LIMIT_MS);
    stop();
  });
});
