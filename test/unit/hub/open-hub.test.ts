import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { createEntryLimits } from '../../../src/http/entry-limits.ts';
import { type HubParts, openHub } from '../../../src/hub/hub.ts';
import { Secret } from '../../../src/logging/secret.ts';
import { InFlight } from '../../../src/server/in-flight.ts';
import { silent } from '../../support/upstreams.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-open-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const parts = (more: Partial<HubParts['mounting']>): HubParts => ({
  settings: {
    dataDir,
    maxServers: 1,
    startTimeoutMs: 1_000,
    nodePermissions: true,
    limits: { memoryBytes: 1_048_576, cpus: 1 },
    discovery: { githubUrl: 'http://127.0.0.1:1/', registryUrl: 'http://127.0.0.1:1/' },
    gemini: { apiKey: undefined, model: 'm' },
    e2b: { apiKey: undefined },
  },
  mounting: {
    mount: async () => {},
    stateOf: () => undefined,
    toolsOf: () => [],
    onChange: () => () => {},
    takenDomains: () => new Set(),
    onOutput: () => () => {},
    call: () => Promise.reject(new Error('not asked')),
    unpin: async () => {},
    ...more,
  },
  house: { overview: () => Object.create(null), onChange: () => () => {} },
  offers: () => [],
  logger: silent,
  scrubber: { register: () => {} },
  installerEnvironment: {},
  attachProgram: '/nowhere',
  now: () => new Date(),
  token: new Secret('0123456789abcdef'),
  entry: createEntryLimits({ perAddress: 0, perPrincipal: 0, failedLogins: 10, trustedProxies: [] }),
  identify: () => ({ kind: 'known', principal: fullAccess('x'), byToken: true }),
  observe: () => {},
  calls: new InFlight(),
  scrub: (text) => text,
  version: '1.0.0',
  files: { folder: '/nowhere' },
});

it.each(['onOutput', 'onChange'] as const)(
  'a hub that cannot be finished (%s) leaves its folder to the next one',
  async (part) => {
    const broken = () => {
      throw new Error('broken');
    };
    await expect(openHub(parts({ [part]: broken }))).rejects.toThrow('broken');
    expect(await readdir(dataDir)).toEqual([]);
    const hub = await openHub(parts({}));
    expect(await readdir(dataDir)).toEqual(['hub.lock']);
    await hub.close();
    expect(await readdir(dataDir)).toEqual([]);
  },
);
