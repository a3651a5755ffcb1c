import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { skippedUnlessRequired } from './installed-tool.ts';

/** How npm reaches its registry on this machine. */
export const npmVariables: Record<string, string> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    /^(?:HOME|NODE_EXTRA_CA_CERTS|https?_proxy|npm_config_registry)$/i.test(name) && value !== undefined
      ? [[name, value]]
      : [],
  ),
);

let asked: Promise<boolean> | undefined;

/**
 * Whether npm can tell of a package that tests deploy. Where it cannot, they are skipped with a line that says so; where
 * `CI_REQUIRE` names `npm` that is an error: CI installs from the same registry.
 */
export function isNpmReachable(): Promise<boolean> {
  asked ??= askNpm();
  return asked;
}

async function askNpm(): Promise<boolean> {
  const args = ['view', '@modelcontextprotocol/server-memory@2026.8.31', 'version', '--fetch-retries=1'];
  try {
    await promisify(execFile)('npm', args, { timeout: 60_000 });
    return true;
  } catch {
    return skippedUnlessRequired('npm', 'npm reaches no registry: packages of others are not deployed in this run');
  }
}
