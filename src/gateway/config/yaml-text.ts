import { Alias, type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { decodeText } from '../../files/decode-text.ts';
import { jsonPath } from '../../files/json-path.ts';
import { nestsTooDeep } from './yaml-depth.ts';

export interface YamlText {
  /** Plain objects, lists and scalars. */
  readonly root: unknown;
  /** `gateway.yaml:7:5: mcp_servers.erp.url`: where the path, or what of it exists, begins in the text. */
  where(path: readonly string[]): string;
}

const MAX_LENGTH = 1_048_576;
/** After the first fault most are its consequences. */
const MAX_FAULTS = 10;
/** Enough for shared settings; ten anchors of ten each would already be 10¹⁰ nodes without a limit. */
const MAX_ALIASES = 100;

/** YAML 1.2; faults as `file:line:column` and a sentence of ours, for the library's own messages quote the text. */
export function readYaml(bytes: Uint8Array, file: string): YamlText | { readonly problems: readonly string[] } {
  const decoded = decodeText(bytes);
  if ('problem' in decoded) return { problems: [`${file}: ${decoded.problem}`] };
  if (decoded.text.length > MAX_LENGTH) return { problems: [`${file}: o arquivo passa de 1 MB`] };
  if (nestsTooDeep(decoded.text)) return { problems: [`${file}: YAML inválido: níveis demais, um dentro do outro`] };
  const lines = new LineCounter();
  const document = parseDocument(decoded.text, { lineCounter: lines, stringKeys: true, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  const problems = faults.map(({ code, pos: [offset] }) => `${at(offset)}: YAML inválido: ${sentences[code] ?? OTHER}`);
  if (problems.length > 0) return { problems: [...new Set(problems)].slice(0, MAX_FAULTS) };

  function at(offset: number): string {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  }
  try {
    const root: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    if (holdsItself(root))
      return { problems: [`${file}: YAML inválido: uma referência (*nome) dentro da sua própria âncora`] };
    return { root, where: (path) => place(at(offsetOf(document, path)), path) };
  } catch {
    return { problems: [`${file}: YAML inválido: uma referência (*nome) sem âncora, ou referências demais`] };
  }
}

/** An alias below its own anchor makes a value without an end, which YAML allows and no setting is. */
function holdsItself(value: unknown, above = new Set<object>(), known = new Set<object>()): boolean {
  if (typeof value !== 'object' || value === null || known.has(value)) return false;
  if (above.has(value)) return true;
  above.add(value);
  const found = Object.values(value).some((inner: unknown) => holdsItself(inner, above, known));
  above.delete(value);
  known.add(value);
  return found;
}

const place = (at: string, path: readonly string[]): string => (path.length === 0 ? at : `${at}: ${jsonPath(path)}`);

const OTHER = 'a estrutura não está correta aqui';
const sentences: Readonly<Record<string, string>> = {
  BAD_INDENT: 'recuo incorreto, ou um colchete ou chave sem fim',
  BLOCK_AS_IMPLICIT_KEY: 'dois "chave: valor" na mesma linha, ou recuo incorreto',
  DUPLICATE_KEY: 'chave repetida',
  MISSING_CHAR: 'falta um caractere: aspas, dois-pontos ou vírgula',
  MULTIPLE_DOCS: 'o arquivo tem mais de um documento (---)',
  NON_STRING_KEY: 'a chave deve ser um texto',
  TAB_AS_INDENT: 'tabulação no recuo: use espaços',
  TAG_RESOLVE_FAILED: 'etiqueta (!) desconhecida',
};

/** Of the key that the path ends in; where it goes beyond the text, of the last key that is there. */
function offsetOf(document: Document, path: readonly string[]): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (node instanceof Alias) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => (isScalar(key) ? String(key.value) : String(key)) === step);
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step.slice(1, -1))];
      offset = startOf(node) ?? offset;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return hasRange(node) ? node.range?.[0] : undefined;
}

function hasRange(node: unknown): node is Pick<Node, 'range'> {
  return typeof node === 'object' && node !== null && 'range' in node;
}
