/** Numbers and truth values of the file proper, which text from a variable may stand for. */
const NUMBERS: ReadonlySet<string> = new Set([
  'priority',
  'timeout',
  'connect_timeout',
  'resource_cache_ttl',
  'max_retries',
  'max_connections',
]);
const FLAGS: ReadonlySet<string> = new Set(['disabled', 'allow_private_address', 'fail_fast', 'enable_logging']);

/** Text from the environment as what its place in the file asks for: `"10"` is a number as a priority. */
export function fitToPlace(text: string, path: readonly string[]): string | number | boolean {
  const [section] = path;
  if (path.length !== (section === 'orchestration' ? 2 : 3)) return text;
  const key = path.at(-1) ?? '';
  if (NUMBERS.has(key) && /^\s*\d+(?:\.\d+)?\s*$/.test(text)) return Number(text);
  if (FLAGS.has(key) && /^\s*(?:true|false)\s*$/i.test(text)) return text.trim().toLowerCase() === 'true';
  return text;
}
