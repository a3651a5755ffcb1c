import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { refuseOpenHub, weaknessOfHubToken } from '../../../src/config/start-checks.ts';
import { ConfigurationError } from '../../../src/errors.ts';

const environmentOf = (variables: Record<string, string>) =>
  loadConfig({ variables, dotenvPath: '/nowhere/.env' }).environment;

const beyondLoopback = { HUB_ENABLED: 'true', MCP_HOST: '0.0.0.0' };

it('a hub without a token of its own does not start, and says what to set', () => {
  expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: 'true' }))).toThrow(ConfigurationError);
  expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: 'true', HUB_ADMIN_TOKEN: '' }))).toThrow(/HUB_ADMIN_TOKEN/);
  const strong = environmentOf({ ...beyondLoopback, HUB_ADMIN_TOKEN: 'canary-0123456789' });
  expect(() => refuseOpenHub(strong)).not.toThrow();
  expect(weaknessOfHubToken(strong)).toBeUndefined();
});

it.each([['x'], ['canary-01234567']])('the short token %j of a hub beyond loopback is refused', (HUB_ADMIN_TOKEN) => {
  const refused = expect(() => refuseOpenHub(environmentOf({ ...beyondLoopback, HUB_ADMIN_TOKEN })));
  refused.toThrow(expect.objectContaining({ hint: expect.stringContaining('openssl rand') }));
  refused.toThrow(/^HUB_ADMIN_TOKEN (?!.*canary).*16/);
  const onLoopback = environmentOf({ HUB_ENABLED: 'true', HUB_ADMIN_TOKEN });
  expect(() => refuseOpenHub(onLoopback)).not.toThrow();
  expect(weaknessOfHubToken(onLoopback)).toMatch(/^HUB_ADMIN_TOKEN (?!.*canary).*16/);
  expect(weaknessOfHubToken(environmentOf({ HUB_ADMIN_TOKEN }))).toBeUndefined();
});

it.each([['canary with blanks'], ['canary-çãõéíóúâêô']])(
  'no header carries %j: refused anywhere',
  (HUB_ADMIN_TOKEN) => {
    const refused = expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: 'true', HUB_ADMIN_TOKEN })));
    refused.toThrow(expect.objectContaining({ hint: expect.stringContaining('openssl rand') }));
    refused.toThrow(/^HUB_ADMIN_TOKEN (?!.*canary)/);
    expect(() => refuseOpenHub(environmentOf({ HUB_ADMIN_TOKEN }))).not.toThrow();
  },
);

it.each(['MCP_AUTH_TOKEN', 'MCP_STDIO_TOKEN'])('the token of the hub is not %s, and is not told', (name) => {
  const environment = environmentOf({
    HUB_ENABLED: 'true',
    HUB_ADMIN_TOKEN: 'canary-0123456789',
    [name]: 'canary-0123456789',
  });
  expect(() => refuseOpenHub(environment)).toThrow(/^HUB_ADMIN_TOKEN (?!.*canary)/);
});

it('what is empty or switched off, as Compose passes it on, asks for nothing', () => {
  for (const value of ['', 'false', '0'])
    expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: value }))).not.toThrow();
});
