import { expect, it } from 'vitest';
import { credentialsIn } from '../../../src/gateway/config/upstream-secrets.ts';

it('a value is a credential by its name, in English and in Portuguese', () => {
  const named = {
    API_KEY: 1,
    DB_PASS: 2,
    PGPASSWORD: 3,
    SENHA_BANCO: 4,
    'x-chave': 5,
    DATABASE_URL: 6,
    CREDENCIAIS: 7,
    pwd: 8,
  };
  expect(credentialsIn(named)).toEqual(Object.values(named));
  expect(credentialsIn({ PORT: 1, MODO: 2, PASSENGERS: 3, COMPASS: 4, REGIAO: 5 })).toEqual([]);
});
