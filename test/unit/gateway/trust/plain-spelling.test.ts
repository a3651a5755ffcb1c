import { expect, test } from 'vitest';
import { plainSpelling } from '../../../../src/gateway/trust/plain-spelling.ts';

test.each([
  ['what .NET escapes', '{"k":"a\\u002Bb\\u0022c\\u0026"}', '{"k":"a+b\\"c&"}'],
  ['a name', '{"bl\\u006fb":1}', '{"blob":1}'],
  ['a backslash', '{"k":"a\\u005cu0041"}', '{"k":"a\\\\u0041"}'],
])('is that of most servers: %s', (_name, json, plain) => {
  expect(plainSpelling(json)).toBe(plain);
  expect(JSON.parse(plain)).toEqual(JSON.parse(json));
});

test.each(['{"k":"a\\\\u0041"}', '{"k":"\\u00e7\\u000a\\u007f\\u2028\\n\\/"}', '{"n":12345678901234567890}'])(
  'nothing else is touched: %s',
  (json) => {
    expect(plainSpelling(json)).toBe(json);
  },
);
