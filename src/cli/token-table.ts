import { expiryOf } from '../access/expiry.ts';
import type { TokenEntry } from '../access/tokens-schema.ts';

/** Enough of the digest to tell two tokens apart, too little to look one up. */
const SHOWN_DIGITS = 8;

const header = ['id', 'estado', 'empresas', 'ferramentas', 'modo', 'limite', 'expira', 'sha256', 'nota'];

/** One line a token, columns aligned, for a terminal. */
export function tokenTable(tokens: readonly TokenEntry[], now: number): string {
  if (tokens.length === 0) return 'Nenhum token no arquivo.\n';
  const rows = [header, ...tokens.map((token) => cells(token, now))];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function cells(token: TokenEntry, now: number): string[] {
  const { id, empresas, ferramentas, modo, limite_por_minuto, expira, sha256, nota = '' } = token;
  const over = expira !== undefined && (expiryOf(expira) ?? 0) <= now;
  return [
    id,
    over ? 'expirado' : 'ativo',
    empresas.join(','),
    ferramentas.join(','),
    modo,
    limite_por_minuto === undefined ? '-' : `${limite_por_minuto}/min`,
    expira ?? '-',
    `${sha256.slice(0, SHOWN_DIGITS)}…`,
    // Somebody else's text on a terminal: no control characters.
    nota.replace(/\p{Cc}/gu, ' '),
  ];
}
