import type { Secret } from '../../logging/secret.ts';
import { openRegistryClient, type RegistryClient } from '../registry/registry-client.ts';
import type { AskNpmRegistries } from '../runners/npm-registries.ts';
import { createGuardedFetch, type GuardedFetch } from '../safety/guarded-fetch.ts';
import { cachedFinder } from './cached-finder.ts';
import { Discovery } from './discovery.ts';
import { createGitHubClient, type GitHubClient } from './github-client.ts';
import { githubFinder } from './github-finder.ts';
import { registryFinder } from './registry-finder.ts';
import { sharedFinder } from './shared-finder.ts';
import { timedFinder } from './timed-finder.ts';

export interface DiscoverySettings {
  /** Bases end with `/`. */
  readonly githubUrl: string;
  readonly githubToken?: Secret | undefined;
  readonly registryUrl: string;
}

export interface OpenDiscovery {
  readonly discovery: Discovery;
  /** Whoever asks GitHub shares what it says of its limits. */
  readonly github: GitHubClient;
  readonly githubFetch: GuardedFetch;
  readonly registry: RegistryClient;
  close(): Promise<void>;
}

const MINUTE_MS = 60_000;
/** GitHub's search limit is a matter of minutes; the registry asks to be polled about hourly. */
const GITHUB_CACHE = { freshMs: 10 * MINUTE_MS, partialFreshMs: MINUTE_MS, usableMs: 24 * 60 * MINUTE_MS };
const REGISTRY_CACHE = { freshMs: 60 * MINUTE_MS, partialFreshMs: MINUTE_MS, usableMs: 24 * 60 * MINUTE_MS };
/** All requests of one search to one source. */
const ALL_MS = 30_000;

export function openDiscovery(
  { githubUrl, githubToken, registryUrl }: DiscoverySettings,
  npmRegistries: AskNpmRegistries,
  now: () => Date,
): OpenDiscovery {
  const github = createGuardedFetch({ trusted: githubUrl });
  const registry = openRegistryClient(registryUrl, now);
  const client = createGitHubClient({ baseUrl: githubUrl, token: githubToken, fetch: github, now });
  const finders = [
    cachedFinder(timedFinder(githubFinder(client), ALL_MS), GITHUB_CACHE, now),
    cachedFinder(timedFinder(registryFinder({ client: registry.client, npmRegistries }), ALL_MS), REGISTRY_CACHE, now),
  ].map(sharedFinder);
  return {
    discovery: new Discovery(finders, now),
    github: client,
    githubFetch: github,
    registry: registry.client,
    async close() {
      await Promise.all([github.close(), registry.close()]);
    },
  };
}
