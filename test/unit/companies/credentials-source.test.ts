import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CredentialsSource } from '../../../src/companies/credentials-source.ts';
import { ConfigurationError } from '../../../src/errors.ts';
import { MAX_FILE_BYTES } from '../../../src/files/decode-text.ts';
import { readRegularFile } from '../../../src/files/read-regular-file.ts';
import { CANARY, entry, file, scratch } from './credential-files.ts';

let folder: ReturnType<typeof scratch>;
beforeEach(() => {
  folder = scratch();
});
afterEach(() => folder[Symbol.dispose]());

const problem = (path: string) => {
  const reading = readRegularFile(path);
  return 'problem' in reading ? reading.problem : 'none';
};

describe('reading the file', () => {
  it.each<[string, (path: string) => void, string]>([
    ['a missing file', () => {}, 'o arquivo não existe (ou é um link para um arquivo que não existe)'],
    [
      'a dangling link',
      (path) => symlinkSync('nowhere', path),
      'o arquivo não existe (ou é um link para um arquivo que não existe)',
    ],
    ['a link to itself', (path) => symlinkSync('credentials.json', path), 'o link aponta para si mesmo'],
    ['a directory', (path) => mkdirSync(path), 'é um diretório, não um arquivo'],
    [
      'a FIFO, without hanging',
      (path) => execFileSync('mkfifo', [path]),
      'não é um arquivo comum (FIFO, socket ou dispositivo)',
    ],
    ['a device', (path) => symlinkSync('/dev/zero', path), 'não é um arquivo comum (FIFO, socket ou dispositivo)'],
  ])('refuses %s', (_name, make, expected) => {
    const path = folder.path('credentials.json');
    make(path);
    expect(problem(path)).toBe(expected);
  });

  it('refuses more than 50 MB by its size alone, and reads exactly 50 MB', () => {
    const path = folder.write('credentials.json', '{}');
    truncateSync(path, MAX_FILE_BYTES + 1);
    expect(problem(path)).toBe('o arquivo passa de 50 MB');
    truncateSync(path, MAX_FILE_BYTES);
    expect(problem(path)).toBe('none');
  });

  it('says when it may not read', () => {
    // Injected: the tests may run as root, whom no mode stops.
    const denied = () => {
      throw Object.assign(new Error(`EACCES: permission denied, open '${CANARY}'`), { code: 'EACCES' });
    };
    expect(readRegularFile('x', denied)).toMatchObject({ problem: 'sem permissão para ler o arquivo' });
  });

  it.each([
    [0o600, 0],
    [0o400, 0],
    [0o440, 0],
    [0o644, 1],
    [0o640, 1],
    [0o602, 1],
  ])('of mode %o gives %i warnings', (mode, count) => {
    const path = folder.write('credentials.json', file(1));
    chmodSync(path, mode);
    const reading = readRegularFile(path);
    expect('warnings' in reading && reading.warnings).toHaveLength(count);
    if (mode === 0o602) expect(reading).toMatchObject({ warnings: [expect.stringContaining('PERIGO')] });
  });
});

describe('CredentialsSource', () => {
  const open = (now: () => number = () => 1) =>
    new CredentialsSource({ path: folder.path('credentials.json'), variables: {}, now });

  it('throws every problem while there is no good set', () => {
    folder.write('credentials.json', { a: entry(1, { app_key: '' }), b: 1 });
    const thrown = (() => {
      try {
        open().load();
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toBeInstanceOf(ConfigurationError);
    expect(thrown).toMatchObject({
      problems: [expect.stringContaining('a.app_key'), expect.stringContaining('b: deve')],
    });
    expect(String(thrown)).not.toContain(CANARY);
  });

  it('keeps the last good set through every kind of bad file, and comes back', () => {
    let time = 100;
    const path = folder.write('credentials.json', file(2));
    const source = open(() => time);
    const good = source.load();
    expect(good.kind).toBe('loaded');
    expect(source.status()).toEqual({ state: 'ok', since: 100, loadedAt: 100 });

    time = 200;
    writeFileSync(path, '');
    expect(source.load()).toMatchObject({ kind: 'rejected', repeated: false });
    expect(source.load()).toMatchObject({ kind: 'rejected', repeated: true });
    time = 300;
    rmSync(path);
    expect(source.load()).toMatchObject({ kind: 'rejected', repeated: false });
    expect(source.status()).toMatchObject({
      state: 'degraded',
      since: 200,
      loadedAt: 100,
      reason: expect.stringContaining('não existe'),
    });

    time = 400;
    folder.write('credentials.json', file(2));
    const back = source.load();
    expect(back.kind).toBe('unchanged');
    expect('content' in back && 'content' in good && back.content === good.content).toBe(true);
    expect(source.status()).toEqual({ state: 'ok', since: 400, loadedAt: 100 });
    folder.write('credentials.json', file(3));
    expect(source.load().kind).toBe('loaded');
    expect(source.status().loadedAt).toBe(400);
  });

  it('keeps the good set while a new one is written byte by byte', () => {
    const path = folder.write('credentials.json', file(1));
    const source = open();
    source.load();
    const text = JSON.stringify(file(2));
    for (let length = 0; length < text.length; length += 1) {
      writeFileSync(path, text.slice(0, length));
      expect(source.load().kind, `cut at ${length}`).toBe('rejected');
    }
    writeFileSync(path, text);
    expect(source.load()).toMatchObject({ kind: 'loaded' });
  });
});
