import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createToken, readTokensFile, revokeToken } from '../../../src/access/edit-tokens-file.ts';
import { scratch } from '../companies/credential-files.ts';

let folder: ReturnType<typeof scratch>;
let path: string;
beforeEach(() => {
  folder = scratch();
  path = folder.path('tokens.json');
});
afterEach(() => folder[Symbol.dispose]());

const entry = (id: string) => ({ id, empresas: ['empresa_001'], ferramentas: ['*'], modo: 'leitura' as const });
const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');

describe('the tokens file as commands change it', () => {
  it('gets a token of 256 random bits and keeps its digest alone, for its owner alone', async () => {
    const tokens = await Promise.all([
      createToken(path, entry('ana')),
      createToken(folder.path('b.json'), entry('ana')),
    ]);
    for (const token of tokens) expect(token).toMatch(/^omcp_[A-Za-z0-9_-]{43}$/);
    expect(tokens[0]).not.toBe(tokens[1]);
    expect(readTokensFile(path)).toMatchObject([{ id: 'ana', sha256: sha256(tokens[0]) }]);
    expect(readFileSync(path, 'utf8')).not.toContain(tokens[0]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('loses none of twenty made at once, and leaves nothing beside the file', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `pessoa-${index}`);
    const tokens = await Promise.all(ids.map((id) => createToken(path, entry(id))));
    const kept = new Map(readTokensFile(path).map(({ id, sha256 }) => [id, sha256]));
    expect(kept.size).toBe(20);
    for (const [index, id] of ids.entries()) expect(kept.get(id)).toBe(sha256(tokens[index] ?? ''));
    expect(readdirSync(folder.path('.'))).toEqual(['tokens.json']);
  });

  it('keeps the other entries as they are', async () => {
    const others = { ...entry('bia'), sha256: 'b2'.repeat(32), limite_por_minuto: 5, expira: '2027-01-31', nota: 'x' };
    writeFileSync(path, JSON.stringify({ tokens: [others] }));
    await createToken(path, entry('ana'));
    await revokeToken(path, 'ana');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ tokens: [others] });
  });

  it('refuses an id that is taken in any case, and to revoke one that is not there', async () => {
    await createToken(path, entry('ana'));
    const before = readFileSync(path, 'utf8');
    await expect(createToken(path, entry('ANA'))).rejects.toThrow('Já existe um token com o id ANA.');
    await expect(revokeToken(path, 'bia')).rejects.toThrow('Não há token com o id bia.');
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  it('touches no file that it cannot read whole', async () => {
    writeFileSync(path, '{"tokens": [{"id": "ana"');
    await expect(createToken(path, entry('bia'))).rejects.toMatchObject({ code: 'configuracao_invalida' });
    expect(readFileSync(path, 'utf8')).toBe('{"tokens": [{"id": "ana"');
    await expect(revokeToken(folder.path('nenhum.json'), 'ana')).rejects.toThrow(/não existe/);
    await expect(createToken(folder.path('sem/pasta.json'), entry('ana'))).rejects.toThrow(/não pôde ser criado/);
  });

  it('writes through a link and leaves the link', async () => {
    mkdirSync(folder.path('real'));
    writeFileSync(folder.path('real/tokens.json'), '{"tokens": []}');
    symlinkSync('real/tokens.json', path);
    await createToken(path, entry('ana'));
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readTokensFile(folder.path('real/tokens.json'))).toHaveLength(1);
  });

  it('goes on after a command that died with the lock', async () => {
    const lock = folder.write('tokens.json.lock', '');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(lock, longAgo, longAgo);
    await createToken(path, entry('ana'));
    expect(readTokensFile(path)).toHaveLength(1);
  });
});
