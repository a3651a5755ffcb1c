// The oldest versions of our dependencies without a known hole that concerns a server or its tools. `npm audit` needs the
// registry; this list is checked against the lockfile without it, every copy, nested ones too.

export interface MinimumVersion {
  readonly name: string;
  /** The first safe version of each line that got a fix; lines are told apart by their major version. */
  readonly fixedIn: readonly string[];
  readonly advisory: string;
  readonly why: string;
}

export const minimumVersions: readonly MinimumVersion[] = [
  {
    name: '@modelcontextprotocol/sdk',
    fixedIn: ['1.26.0'],
    advisory: 'CVE-2026-25536',
    why: 'one server or transport used for several clients gave one the answers of another',
  },
  {
    name: 'undici',
    fixedIn: ['6.24.0', '7.24.0'],
    advisory: 'CVE-2026-1526',
    why: 'memory without bound when a peer sends compressed frames',
  },
  {
    name: 'express',
    fixedIn: ['4.20.0', '5.0.0'],
    advisory: 'CVE-2024-43796',
    why: 'markup in a redirect address was written into the page',
  },
  {
    name: 'path-to-regexp',
    fixedIn: ['0.1.13', '8.4.0'],
    advisory: 'CVE-2026-4867, CVE-2026-4926',
    why: 'a crafted path keeps the event loop busy',
  },
  {
    name: 'body-parser',
    fixedIn: ['1.20.6', '2.3.0'],
    advisory: 'CVE-2026-12590',
    why: 'an invalid limit meant no limit on a body',
  },
  {
    name: 'qs',
    fixedIn: ['6.14.1'],
    advisory: 'CVE-2025-15284',
    why: 'brackets in a query string went around the limit of array sizes',
  },
  { name: 'send', fixedIn: ['0.19.0'], advisory: 'CVE-2024-43799', why: 'markup in a redirect address' },
  {
    name: 'serve-static',
    fixedIn: ['1.16.0', '2.1.0'],
    advisory: 'CVE-2024-43800',
    why: 'markup in a redirect address',
  },
  { name: 'cookie', fixedIn: ['0.7.0'], advisory: 'CVE-2024-47764', why: 'a cookie name could set other fields' },
  {
    name: 'express-rate-limit',
    fixedIn: ['8.2.2'],
    advisory: 'CVE-2026-30827',
    why: 'all IPv4 clients of a dual-stack server shared one bucket',
  },
  {
    name: 'hono',
    fixedIn: ['4.12.34'],
    advisory: 'GHSA-8j4g-w8fx-2239',
    why: 'a crafted CORS header keeps the event loop busy',
  },
  {
    name: '@hono/node-server',
    fixedIn: ['1.19.13'],
    advisory: 'CVE-2026-39406',
    why: 'repeated slashes went around a guard of static paths',
  },
  {
    name: 'fast-uri',
    fixedIn: ['2.4.6', '3.1.7', '4.1.4'],
    advisory: 'CVE-2026-84394',
    why: 'the host that is checked is not the host that is called',
  },
  {
    name: 'ajv',
    fixedIn: ['6.14.0', '8.18.0'],
    advisory: 'CVE-2025-69873',
    why: 'a pattern taken from data keeps the event loop busy',
  },
  {
    name: 'cross-spawn',
    fixedIn: ['6.0.6', '7.0.5'],
    advisory: 'CVE-2024-21538',
    why: 'a crafted argument keeps the event loop busy',
  },
  {
    name: 'ws',
    fixedIn: ['5.2.4', '6.2.3', '7.5.10', '8.17.1'],
    advisory: 'CVE-2024-37890',
    why: 'many headers in an upgrade request end the process',
  },
  {
    name: '@modelcontextprotocol/inspector',
    fixedIn: ['0.14.1'],
    advisory: 'CVE-2025-49596',
    why: 'its proxy started commands for any web page; development only',
  },
];

/** A copy is safe from the fix of its own line on; lines without a fix are safe only when newer than all that have one. */
export function isSafe(version: string, { fixedIn }: MinimumVersion): boolean {
  const line = fixedIn.find((fixed) => majorOf(fixed) === majorOf(version));
  return line === undefined ? fixedIn.every((fixed) => isAtLeast(version, fixed)) : isAtLeast(version, line);
}

const majorOf = (version: string): string | undefined => version.split('.')[0];

/** Semantic Versioning 2.0 §11, without build metadata: a pre-release comes before its release. */
function isAtLeast(version: string, minimum: string): boolean {
  const [release = '', prerelease] = version.split('-', 2);
  const mine = release.split('.').map(Number);
  for (const [index, wanted] of minimum.split('.').map(Number).entries()) {
    const part = mine[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return prerelease === undefined;
}
