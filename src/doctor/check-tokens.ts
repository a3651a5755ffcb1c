import { readFile, stat } from 'node:fs/promises';
import { type Check, ok, problem, warning } from './finding.ts';

/** The tokens file: there, closed to others, and for the one who can read it (`parse`) a good one. */
export function checkTokens(
  path: string | undefined,
  parse: (text: string) => readonly string[] = jsonProblems,
): Check {
  return {
    name: 'tokens',
    async run() {
      if (path === undefined || path === '') return [];
      try {
        const { mode } = await stat(path);
        const problems = parse(await readFile(path, 'utf8'));
        if (problems.length > 0)
          return problems.map((line) => problem(`tokens: ${line}`, 'Corrija o arquivo (MCP_TOKENS_FILE).'));
        if (process.platform !== 'win32' && (mode & 0o027) !== 0)
          return [
            warning(
              `tokens: outros têm acesso ao arquivo (modo ${(mode & 0o777).toString(8).padStart(4, '0')})`,
              'Use chmod 600.',
            ),
          ];
        return [ok('tokens: o arquivo está bom')];
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'desconhecido';
        return [
          problem(`tokens: o arquivo não pode ser lido (${code})`, 'Confira MCP_TOKENS_FILE e o dono do arquivo.'),
        ];
      }
    },
  };
}

/** A parser's own words would quote the file. */
function jsonProblems(text: string): readonly string[] {
  try {
    JSON.parse(text);
    return [];
  } catch {
    return ['o arquivo não é JSON'];
  }
}
