import { expect, it } from 'vitest';
import { createAccess } from '../../../src/access/create-access.ts';
import type { Principal } from '../../../src/companies/principal.ts';
import { Secret } from '../../../src/logging/secret.ts';

const principal: Principal = { id: 'hub-admin', administersHub: true, canSee: () => false, canCall: () => true };
const administrator = { token: new Secret('token-of-the-hub'), principal };
const company = { id: 'a', nome: 'A', cnpj: '', ambiente: 'producao', grupos: [] } as const;

it('comes in by its token alone, as one and the same principal', async () => {
  const access = await createAccess({ administrator, staticToken: new Secret('token-of-the-tools') });
  expect(await access.identify('token-of-the-hub')).toEqual({ kind: 'known', principal, byToken: true });
  expect(await access.identify('token-of-the-tools')).toMatchObject({ principal: { id: 'token' } });
  expect((await access.identify('token-of-the-tools')) as object).not.toHaveProperty('principal.administersHub');
  for (const wrong of [undefined, 'token-of-the-hu', 'token-of-the-hubs', ''])
    expect(await access.identify(wrong)).toEqual({ kind: 'unknown' });
  access.close();
});

it('where nobody is asked who they are it loses nothing by showing its token, and a wrong one is a guess', async () => {
  const access = await createAccess({ administrator });
  const known = await access.identify('token-of-the-hub');
  expect(known).toEqual(await access.identify('token-of-the-hub'));
  expect(known).toMatchObject({ kind: 'known', principal: { id: 'hub-admin', administersHub: true, seesAll: true } });
  expect(known.kind === 'known' && known.principal.canSee(company)).toBe(true);
  const anybody = await access.identify(undefined);
  expect(anybody).toMatchObject({ principal: { id: 'local' } });
  expect(anybody).not.toHaveProperty('principal.administersHub');
  expect(await access.identify('guess')).toEqual({ kind: 'unknown' });
  // Without a hub no token opens anything, and none is a guess.
  expect(await (await createAccess({})).identify('guess')).toMatchObject({ principal: { id: 'local' } });
});

it('over stdio it is whoever starts the program, and only where there is a hub', async () => {
  expect((await createAccess({ administrator })).local(undefined)).toMatchObject({ id: 'stdio', administersHub: true });
  expect((await createAccess({})).local(undefined).administersHub).toBe(false);
});
