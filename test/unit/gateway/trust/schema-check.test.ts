import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openStdioLink } from '../../../../src/gateway/links/stdio-link.ts';
import { MAX_STEPS, patternProblem } from '../../../../src/gateway/trust/pattern-check.ts';
import { SCHEMA_LIMITS, schemaProblem } from '../../../../src/gateway/trust/schema-check.ts';
import {
  asking,
  childParts,
  everythingPath,
  filesystemPath,
  memoryPath,
  node,
  opening,
} from '../../../support/upstreams.ts';

const property = (schema: object) => ({ type: 'object', properties: { a: schema } });
const deep = (depth: number): object => {
  let schema: object = { type: 'string' };
  for (let level = 0; level < depth; level += 1) schema = { anyOf: [schema] };
  return schema;
};
const doubling = Object.fromEntries(
  Array.from({ length: 40 }, (_, n) => [
    `d${n}`,
    { allOf: n === 0 ? [{}] : [{ $ref: `#/$defs/d${n - 1}` }, { $ref: `#/$defs/d${n - 1}` }] },
  ]),
);
const chain = Object.fromEntries(Array.from({ length: 9_000 }, (_, n) => [`d${n}`, { $ref: `#/$defs/d${n + 1}` }]));

/** The same schema, and how often the keys of one of its parts were asked for. */
function counting(schema: unknown) {
  const count = { looks: 0 };
  // One for each: who remembers where it was must find it the same.
  const known = new WeakMap<object, object>();
  const watched = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const made = known.get(value) ?? watching(value);
    known.set(value, made);
    return made;
  };
  const watching = (value: object): object =>
    new Proxy(value, {
      ownKeys(target) {
        count.looks += 1;
        return Reflect.ownKeys(target);
      },
      get: (target, key) => watched(Reflect.get(target, key)),
    });
  return { count, schema: watched(schema) };
}

describe('schemas that are refused, quickly', () => {
  it.each<[string, unknown]>([
    ['network $ref', property({ $ref: 'https://evil.example/schema.json' })],
    ['http $ref in an array', { anyOf: [{}, { $ref: 'http://169.254.169.254/' }] }],
    ['file $ref', property({ $ref: 'file:///etc/passwd' })],
    ['relative $ref', { $id: 'https://evil.example/', properties: { a: { $ref: 'other.json' } } }],
    ['$dynamicRef', property({ $dynamicRef: 'https://evil.example/#x' })],
    ['$recursiveRef', property({ $recursiveRef: 'https://evil.example/' })],
    ['10,000 deep anyOf', deep(10_000)],
    ['100 deep anyOf', deep(100)],
    ['100,000 subschemas', { anyOf: Array.from({ length: 100_000 }, () => ({ type: 'string' })) }],
    ['references that double', { $defs: doubling, $ref: '#/$defs/d39' }],
    ['a chain of references', { $defs: chain, $ref: '#/$defs/d0' }],
    ['2 MB of description', property({ description: 'x'.repeat(2_000_000) })],
    ['(a+)+$', property({ pattern: '^(a+)+$' })],
    ['a pattern as a key', { patternProperties: { '^(\\w*)*$': {} } }],
    [
      'hard patterns, each within its limit',
      { anyOf: Array.from({ length: 150 }, (_, n) => ({ pattern: `^(${'[a-z]'.repeat(200)}${n})*$` })) },
    ],
    ['a thousand patterns', { anyOf: Array.from({ length: 1_000 }, (_, n) => ({ pattern: `^a${n}$` })) }],
    ['an array', []],
    ['null', null],
    ['a text', 'object'],
  ])('%s', (_name, hostile) => {
    const { count, schema } = counting(hostile);
    expect(schemaProblem(schema)).toBeTypeOf('string');
    // Walked, written and expanded: however large or entangled it is, no more than an honest one of the largest size costs.
    expect(count.looks).toBeLessThanOrEqual(3 * SCHEMA_LIMITS.maxNodes);
  });
});

describe('schemas that pass', () => {
  it('local references, recursion and all', () => {
    const tree = {
      $defs: { node: { properties: { next: { $ref: '#/$defs/node' }, 'a/b': { $ref: '#/$defs/a~1b' } } }, 'a/b': {} },
      $ref: '#/$defs/node',
    };
    expect(schemaProblem(tree)).toBeUndefined();
    expect(
      schemaProblem({
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: 'https://example.com/s',
        type: 'object',
      }),
    ).toBeUndefined();
    expect(
      schemaProblem({ type: 'object', properties: { pattern: { type: 'string' }, $ref: { type: 'string' } } }),
    ).toBeUndefined();
  });

  it('what zod writes for all its formats', () => {
    const formats = z.object({
      email: z.email(),
      uuid: z.uuid(),
      url: z.url(),
      date: z.iso.date(),
      time: z.iso.time(),
      stamp: z.iso.datetime({ offset: true }),
      span: z.iso.duration(),
      v4: z.ipv4(),
      v6: z.ipv6(),
      net4: z.cidrv4(),
      net6: z.cidrv6(),
      b64: z.base64(),
      b64u: z.base64url(),
      cuid: z.cuid(),
      cuid2: z.cuid2(),
      ulid: z.ulid(),
      nano: z.nanoid(),
      xid: z.xid(),
      ksuid: z.ksuid(),
      e164: z.e164(),
      emoji: z.emoji(),
      jwt: z.jwt(),
      hex: z.hex(),
      host: z.hostname(),
      mac: z.mac(),
      low: z.string().regex(/^[a-z][a-z0-9-]{0,15}$/),
      starts: z.string().startsWith('a.b'),
      has: z.string().includes('(x)'),
    });
    expect(schemaProblem(z.toJSONSchema(formats))).toBeUndefined();
  });

  it('those of real servers', async () => {
    for (const target of [node(everythingPath, 'stdio'), node(memoryPath), node(filesystemPath, '/tmp')]) {
      const link = await openStdioLink(target, opening(), childParts());
      const { tools } = JSON.parse(await link.request('tools/list', {}, asking()));
      await link.close();
      expect(tools.length).toBeGreaterThan(5);
      for (const { inputSchema, outputSchema = { type: 'object' } } of tools) {
        expect(schemaProblem(inputSchema)).toBeUndefined();
        expect(schemaProblem(outputSchema)).toBeUndefined();
      }
    }
  });
});

describe('patternProblem', () => {
  it.each([
    '(a+)+$',
    '^(a*)*$',
    '(a|a)*$',
    '(a|aa)+$',
    '(a|ab|b)*x',
    '([a-z]+)*$',
    '(\\w+\\s?)*$',
    '(.*a)*$',
    '(\\s*,\\s*)*$',
    '^(\\d+|\\d+x)*$',
    '(x+x+)+y',
    '(?:a{1,30}){1,30}$',
    '(a?){50}(a*)*$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '^((ab)*)*$',
    '(?=(a+)+$)b',
    '(?<n>[^x]+)*y',
    '((a{2})*)*b',
    '(é|[à-ü])*$',
    '([\\w.]+)+@',
    '(\\p{L}+)*$',
    '(a)\\1*',
    '\\k<n>',
  ])('%s is refused', (pattern) => expect(patternProblem(pattern)).toBeTypeOf('string'));

  it.each([
    '^[a-z]+$',
    '^\\d{4}-\\d{2}-\\d{2}$',
    '^([a-z]+\\.)*[a-z]+$',
    '^([A-Za-z0-9][A-Za-z0-9\\-]*\\.)+[A-Za-z]{2,}$',
    '^(?:[0-9a-f]{4}){8}$',
    '^(a|b)*$',
    '^(ab|ac)*$',
    '^.*$',
    '^\\S+@\\S+\\.\\S+$',
    '^https?://.+',
    '^v?\\d+(\\.\\d+){0,2}(-[\\w.]+)?$',
    '^(?!.*\\.\\.)[^/]+$',
    '^[^\\s]+(\\s+[^\\s]+)*$',
    '',
    '^\\+?[1-9]\\d{1,14}$',
    '^([0-9]{2}\\.[0-9]{3}\\.[0-9]{3}/[0-9]{4}-[0-9]{2}|[0-9]{14})$',
    '^[\\]\\-a]+$',
    '^\\u{1F600}+$',
    '^(?:(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)(?:\\.(?!$)|$)){4}$',
    '^{literal}$',
  ])('%s is harmless', (pattern) => expect(patternProblem(pattern)).toBeUndefined());

  it.each([
    `(${'a?'.repeat(600)})*b`,
    `(${'[a-z]'.repeat(380)})*`,
    '('.repeat(1_000),
    '(a|b|c|d|e)'.repeat(150),
    `(${'a|'.repeat(900)}a)*`,
  ])('the worst it accepts to look at takes no more steps than there are: %s', (hard) => {
    const work = { steps: MAX_STEPS };
    expect(['string', 'undefined']).toContain(typeof patternProblem(hard, work));
    // The last thing that was begun may have cost more than was left.
    expect(work.steps).toBeGreaterThan(-MAX_STEPS / 10);
  });
});
