import { isRecord } from '../../files/read-json.ts';
import { substituteVariables, type Variables } from '../../files/variables.ts';
import type { Finding } from './cross-checks.ts';
import { fitToPlace } from './fit-to-place.ts';

export interface Filled {
  readonly root: unknown;
  readonly findings: readonly Finding[];
}

/**
 * Replaces `${VAR}` and `${VAR:-default}` in every text of the file but `extra`, which is only kept. A variable without
 * a value is a finding, unless its server is switched off.
 */
export function fillVariables(root: unknown, variables: Variables): Filled {
  const findings: Finding[] = [];

  const fill = (value: unknown, path: readonly string[], idle: boolean): unknown => {
    if (typeof value === 'string') return fillText(value, path, idle);
    if (Array.isArray(value)) return value.map((item: unknown, index) => fill(item, [...path, `[${index}]`], idle));
    if (!isRecord(value)) return value;
    const off = idle || (path.length === 2 && path[0] === 'mcp_servers' && value['disabled'] === true);
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        // The one key that a checked map leaves out without a word.
        if (key === '__proto__') findings.push([[...path, key], 'nome reservado: escolha outro']);
        const kept = key === 'extra' && (path.length === 0 || path.length === 2);
        return [key, kept ? inner : fill(inner, [...path, key], off)];
      }),
    );
  };

  const fillText = (raw: string, path: readonly string[], idle: boolean): unknown => {
    const { text, used, missing, malformed } = substituteVariables(raw, variables);
    if (malformed) findings.push([path, 'referência de variável malformada: use ${NOME} ou ${NOME:-padrão}']);
    else if (!idle) for (const name of missing) findings.push([path, `a variável ${name} não está definida`]);
    return used && missing.length === 0 ? fitToPlace(text, path) : used ? raw : text;
  };

  return { root: fill(root, [], false), findings };
}
