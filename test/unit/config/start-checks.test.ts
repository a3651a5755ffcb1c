import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { refuseOpenHub } from '../../../src/config/start-checks.ts';
import { ConfigurationError } from '../../../src/errors.ts';

const environmentOf = (variables: Record<string, string>) =>
  loadConfig({ variables, dotenvPath: '/nowhere/.env' }).environment;

it('a hub without a token of its own does not start, and says what to set', () => {
  expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: 'true' }))).toThrow(ConfigurationError);
  expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: 'true', HUB_ADMIN_TOKEN: '' }))).toThrow(/HUB_ADMIN_TOKEN/);
  expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: 'true', HUB_ADMIN_TOKEN: 'canary' }))).not.toThrow();
});

it.each(['MCP_AUTH_TOKEN', 'MCP_STDIO_TOKEN'])('the token of the hub is not %s, and is not told', (name) => {
  const environment = environmentOf({ HUB_ENABLED: 'true', HUB_ADMIN_TOKEN: 'canary-token', [name]: 'canary-token' });
  expect(() => refuseOpenHub(environment)).toThrow(/^HUB_ADMIN_TOKEN (?!.*canary)/);
});

it('what is empty or switched off, as Compose passes it on, asks for nothing', () => {
  for (const value of ['', 'false', '0'])
    expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: value }))).not.toThrow();
});
