// A second opinion of who may see what, written from docs/access.md and nothing else.
import type { SimulatedCredential } from '../../../src/simulator/server.ts';
import type { TestToken } from '../../support/tokens.ts';

export interface KnownCompany extends SimulatedCredential {
  readonly id: string;
}

export interface Oracle {
  readonly visible: ReadonlySet<string>;
  mayCall(tool: string): boolean;
  /** Every text that would give a company away to this principal. */
  readonly secrets: readonly string[];
}

export function oracleOf({ entry }: TestToken, companies: readonly KnownCompany[]): Oracle {
  const refs = new Set(list(entry['empresas']));
  const seen = companies.filter(
    ({ id, grupos }) => refs.has('*') || refs.has(id) || grupos.some((grupo) => refs.has(`grupo:${grupo}`)),
  );
  const visible = new Set(seen.map(({ id }) => id));
  const patterns = list(entry['ferramentas']).map(
    (glob) =>
      new RegExp(
        `^${glob
          .split('*')
          .map((part) => part.replace(/[^a-z0-9]/gi, '\\$&'))
          .join('.*')}$`,
      ),
  );
  return {
    visible,
    mayCall: (tool) =>
      patterns.some((pattern) => pattern.test(tool)) && (entry['modo'] === 'escrita' || tool !== 'reload_credenciais'),
    secrets: companies
      .filter(({ id }) => !visible.has(id))
      .flatMap(({ id, nome, cnpj, app_key, app_secret }) => [
        id,
        nome,
        cnpj,
        cnpj.replace(/\D/g, ''),
        app_key,
        app_secret,
      ]),
  };
}

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
