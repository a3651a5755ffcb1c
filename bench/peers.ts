/** Other gateways from the registry. They are no dependencies of ours: installed when the bench first wants them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { repository } from './paths.ts';

/** Exact, so that a figure can be repeated. */
const versions = { 'mcp-hub': '4.2.1', 'mcp-proxy': '6.7.19', supergateway: '4.0.0' } as const;
export type PeerName = keyof typeof versions;

/** The program's file inside the package. */
const programs: Record<PeerName, string> = {
  'mcp-hub': 'dist/cli.js',
  'mcp-proxy': 'dist/bin/mcp-proxy.mjs',
  supergateway: 'dist/index.js',
};

const INSTALL_TIMEOUT_MS = 240_000;

export const labelOf = (peer: PeerName): string => `${peer} ${versions[peer]}`;

/** The file to run, or undefined when the peer is not there and cannot be installed. */
export function peerProgram(peer: PeerName): string | undefined {
  const version = versions[peer];
  const directory = `${repository}node_modules/.cache/omie-mcp-hub-peers/${peer}-${version}`;
  const program = `${directory}/node_modules/${peer}/${programs[peer]}`;
  if (existsSync(program)) return program;
  mkdirSync(directory, { recursive: true });
  writeFileSync(`${directory}/package.json`, JSON.stringify({ private: true, dependencies: { [peer]: version } }));
  const flags = [
    '--no-package-lock',
    '--ignore-scripts',
    '--prefer-offline',
    '--no-audit',
    '--no-fund',
    '--fetch-retries=0',
  ];
  spawnSync('npm', ['install', ...flags], { cwd: directory, timeout: INSTALL_TIMEOUT_MS, stdio: 'ignore' });
  return existsSync(program) ? program : undefined;
}
