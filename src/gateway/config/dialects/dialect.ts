import { isRecord } from '../../../files/read-json.ts';

/** Clients whose files of MCP servers are read and written. They differ in small things; see `read-entry.ts`. */
export const dialects = ['claude-desktop', 'claude-code', 'cursor', 'gemini-cli', 'vscode'] as const;
export type Dialect = (typeof dialects)[number];

export type Fields = Readonly<Record<string, unknown>>;

/** Where we keep, in another client's file, what it has no words for. Clients ignore keys they do not know. */
export const OWN_KEY = 'x-omie-mcp-hub';

/** The key under which a dialect lists its servers. */
export function containerOf(dialect: Dialect): 'servers' | 'mcpServers' {
  return dialect === 'vscode' ? 'servers' : 'mcpServers';
}

/** The dialect a file gives itself away as; Claude Code's, the most common, when nothing speaks for another. */
export function detectDialect(root: unknown): Dialect {
  if (!isRecord(root)) return 'claude-code';
  const { mcpServers } = root;
  if (!isRecord(mcpServers)) return isRecord(root['servers']) ? 'vscode' : 'claude-code';
  const gemini = ['httpUrl', 'trust', 'includeTools', 'excludeTools'];
  const speaks = (entry: unknown) => isRecord(entry) && gemini.some((key) => key in entry);
  return Object.values(mcpServers).some(speaks) ? 'gemini-cli' : 'claude-code';
}
