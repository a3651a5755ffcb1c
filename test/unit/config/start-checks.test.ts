import { expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load-config.ts';
import { refuseOpenHub } from '../../../src/config/start-checks.ts';
import { ConfigurationError } from '../../../src/errors.ts';

const environmentOf = (variables: Record<string, string>) =>
  loadConfig({ variables, dotenvPath: '/nowhere/.env' }).environment;

it('a hub without a token of its own does not start, and says what to set', () => {
  expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: 'true' }))).toThrow(ConfigurationError);
  expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: 'true', HUB_ADMIN_TOKEN: '' }))).toThrow(/HUB_ADMIN_TOKEN/);
  expect(() =>
    refuseOpenHub(environmentOf({ HUB_ENABLED: 'true', HUB_ADMIN_TOKEN: 'canary-0123456789' })),
  ).not.toThrow();
});

it.each([['x'], ['canary-01234567'], ['canary with blanks'], ['canary-çãõéíóúâêô']])(
  'the token %j of a hub is refused with how to make one, and is not told',
  (HUB_ADMIN_TOKEN) => {
    const refused = expect(() => refuseOpenHub(environmentOf({ HUB_ENABLED: 'true', HUB_ADMIN_TOKEN })));
    refused.toThrow(expect.objectContaining({ hint: expect.stringContaining('openssl rand') }));
    refused.toThrow(/^HUB_ADMIN_TOKEN (?!.*canary).*16/);
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
