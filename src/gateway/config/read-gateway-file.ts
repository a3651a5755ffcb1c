import type { z } from 'zod';
import type { Parsed } from '../../files/file-source.ts';
import { jsonPath } from '../../files/json-path.ts';
import { isRecord } from '../../files/read-json.ts';
import type { Variables } from '../../files/variables.ts';
import { completeConfig } from './complete-config.ts';
import { crossChecks, crossWarnings, type Finding } from './cross-checks.ts';
import { didYouMean } from './did-you-mean.ts';
import { fillVariables } from './fill-variables.ts';
import type { GatewayConfig } from './gateway-config.ts';
import { type GatewayFile, gatewayFileSchema, knownKeys, serverSchema } from './gateway-schema.ts';
import { applyOverrides } from './overrides.ts';
import { readYaml } from './yaml-text.ts';

export interface ReadGatewayOptions {
  /** The name that problems begin with, e.g. `gateway.yaml`. */
  readonly file: string;
  /** Where relative paths of the file start: its own folder. */
  readonly baseDir: string;
  /** For `${VAR}` and `GATEWAY__…`; the configuration hands over the environment. */
  readonly variables: Variables;
}

/**
 * YAML → `${VAR}` → `GATEWAY__…` → schema → cross checks: the whole configuration or every problem found. Lines look
 * like `gateway.yaml:7:5: mcp_servers.erp.priority: deve ser…`, or begin with the variable that brought the value, and
 * never hold a value.
 */
export function parseGateway(bytes: Uint8Array, options: ReadGatewayOptions): Parsed<GatewayConfig> {
  const { file, baseDir, variables } = options;
  const yaml = readYaml(bytes, file);
  if ('problems' in yaml) return yaml;
  const filled = fillVariables(yaml.root, variables);
  const { root, sources, problems: misplaced } = applyOverrides(filled.root, variables);

  // A variable may bring a whole list, in which one entry is wrong.
  const sourceOf = (path: readonly string[]): string | undefined =>
    path.map((_step, at) => sources.get(JSON.stringify(path.slice(0, at + 1)))).find((source) => source !== undefined);
  const line = ([path, message]: Finding): string => {
    const source = sourceOf(path);
    return source === undefined ? `${yaml.where(path)}: ${message}` : `${source} (${jsonPath(path)}): ${message}`;
  };
  const unset = filled.findings.filter(([path]) => sourceOf(path) === undefined);
  const parsed = gatewayFileSchema.safeParse(root);
  const wrong = parsed.success
    ? crossChecks(parsed.data)
    : [...parsed.error.issues.flatMap(explain), ...crossChecks(whatFits(root))];
  const already = new Set(unset.map(([path]) => JSON.stringify(path)));
  const findings = [...unset, ...wrong.filter(([path]) => !already.has(JSON.stringify(path)))];
  const problems = [...findings.map(line), ...misplaced];
  if (!parsed.success || problems.length > 0) return { problems };
  return { content: completeConfig(parsed.data, baseDir), warnings: crossWarnings(parsed.data).map(line) };
}

/** The servers that are good but for keys nobody knows, so that one slip does not hide what else is wrong. */
function whatFits(root: unknown): GatewayFile {
  const servers = isRecord(root) && isRecord(root['mcp_servers']) ? Object.entries(root['mcp_servers']) : [];
  const known = new Set(knownKeys(['mcp_servers', 'any']));
  const fitting = servers.flatMap(([id, entry]) => {
    if (!isRecord(entry)) return [];
    const parsed = serverSchema.safeParse(Object.fromEntries(Object.entries(entry).filter(([key]) => known.has(key))));
    return parsed.success ? [[id, parsed.data] as const] : [];
  });
  return { mcp_servers: Object.fromEntries(fitting) };
}

/** One finding for each key the schema does not know, one for anything else. */
export function explain(issue: z.core.$ZodIssue): Finding[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : String(step)));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => [[...path, key], `chave desconhecida${didYouMean(key, knownKeys(path))}`]);
  }
  return [[path, issue.message]];
}
