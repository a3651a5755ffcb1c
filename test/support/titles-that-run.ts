/** Which tests of a file are run: those that stand as code, neither skipped nor only planned, nor inside such a group. */
import { parseAst } from 'vitest/node';

const GROUP = 'describe';
const TESTS: ReadonlySet<string> = new Set(['it', 'test']);
/** `skipIf` and `runIf` depend on the machine, and are not among them. */
const NEVER: ReadonlySet<string> = new Set(['skip', 'todo', 'fails']);

/** Titles as they are written, with `%s` where a table fills them. */
export function titlesThatRun(source: string): ReadonlySet<string> {
  const titles = new Set<string>();
  visit(parseAst(source, { lang: 'ts' }), titles);
  return titles;
}

function visit(node: unknown, titles: Set<string>): void {
  if (Array.isArray(node)) for (const one of node) visit(one, titles);
  if (!isNode(node)) return;
  if (node['type'] === 'CallExpression') {
    const [name = '', ...modifiers] = wordsOf(node['callee']);
    if ((TESTS.has(name) || name === GROUP) && modifiers.some((word) => NEVER.has(word))) return;
    const [first] = Array.isArray(node['arguments']) ? node['arguments'] : [];
    if (TESTS.has(name) && isNode(first) && typeof first['value'] === 'string') titles.add(first['value']);
  }
  for (const child of Object.values(node)) visit(child, titles);
}

/** `it.skipIf(x).each([…])` → it, skipIf, each. */
function wordsOf(callee: unknown): string[] {
  if (!isNode(callee)) return [];
  switch (callee['type']) {
    case 'Identifier':
      return [String(callee['name'])];
    case 'MemberExpression':
      return [...wordsOf(callee['object']), ...wordsOf(callee['property'])];
    case 'CallExpression':
      return wordsOf(callee['callee']);
    case 'TaggedTemplateExpression':
      return wordsOf(callee['tag']);
    default:
      return [];
  }
}

const isNode = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
