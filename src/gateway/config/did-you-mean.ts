import { distance } from 'fastest-levenshtein';

/** What other clients' files call our settings. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  type: 'transport',
  serverurl: 'url',
  httpurl: 'url',
  includetools: 'tools.include',
  excludetools: 'tools.exclude',
  enabled: 'disabled',
  tags: 'domains',
  domain: 'domains',
  mcpservers: 'mcp_servers',
  servers: 'mcp_servers',
  failuremode: 'fail_fast',
  token: 'auth.bearer',
};

/** `; você quis dizer "priority"?` when a known name is near enough, else nothing. */
export function didYouMean(key: string, known: readonly string[]): string {
  const wanted = key.slice(0, 64).toLowerCase();
  const translated = OTHER_NAMES[wanted.replaceAll(/[_-]/g, '')];
  const [root = ''] = translated?.split('.') ?? [];
  const near = known
    .map((name) => ({ name, edits: distance(wanted.replaceAll('-', '_'), name.toLowerCase()) }))
    .filter(({ name, edits }) => edits <= Math.max(1, Math.floor(name.length / 3)))
    .sort((a, b) => a.edits - b.edits)[0]?.name;
  const guess = near ?? (known.includes(root) ? translated : undefined);
  return guess === undefined ? '' : `; você quis dizer "${guess}"?`;
}
