import { expect, it } from 'vitest';
import { refuseUnsupported } from '../../../src/config/start-checks.ts';
import { ConfigurationError } from '../../../src/errors.ts';

it.each(['HUB_ENABLED'])(
  '%s asks for what this version cannot do: refused by name, and its value is not told',
  (name) => {
    expect(() => refuseUnsupported({ [name]: 'canary', MCP_PORT: '8000' })).toThrow(ConfigurationError);
    expect(() => refuseUnsupported({ [name]: 'canary' })).toThrow(new RegExp(`^${name}: (?!.*canary)`));
  },
);

it('what is empty or switched off, as Compose passes it on, is not asked for', () => {
  const off = { HUB_ENABLED: 'false', HUB_ADMIN_TOKEN_FILE: '/run/x' };
  expect(() => refuseUnsupported(off)).not.toThrow();
});
