// biome.json holds the ladder of imports; a room without a rule would stand beside it.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { z } from 'zod';

const root = new URL('../../../', import.meta.url);
const banShape = z.object({
  linter: z.object({
    rules: z.object({
      style: z.object({
        noRestrictedImports: z.object({
          options: z.object({ patterns: z.array(z.object({ group: z.array(z.string()) })) }),
        }),
      }),
    }),
  }),
});
const { overrides } = z
  .object({ overrides: z.array(z.looseObject({ includes: z.array(z.string()) })) })
  .parse(JSON.parse(readFileSync(new URL('biome.json', root), 'utf8')));
const bans = new Map(
  overrides.flatMap((override) => {
    const parsed = banShape.safeParse(override);
    if (!parsed.success) return [];
    const groups = parsed.data.linter.rules.style.noRestrictedImports.options.patterns.flatMap(({ group }) => group);
    return override.includes.map((room): [string, string[]] => [room, groups]);
  }),
);
/** cli/ starts programs and may know everybody. */
const rooms = readdirSync(new URL('src/', root), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'cli')
  .map(({ name }) => name);

it.each(rooms)('%s/ has a rule, and knows neither who builds it nor who starts it', (room) => {
  const forbidden = bans.get(`src/${room}/**`) ?? [];
  const above = ['cli', ...(room === 'house' ? [] : ['house'])];
  expect(forbidden).toEqual(expect.arrayContaining(above.map((name) => `**/${name}/**`)));
});

const bottom = ['config', 'logging', 'files', 'protocol'];
it.each(bottom)('%s/ stands at the bottom: it knows none of the others but these', (room) => {
  const others = rooms.filter((name) => !bottom.includes(name));
  expect(bans.get(`src/${room}/**`)).toEqual(expect.arrayContaining(others.map((name) => `**/${name}/**`)));
});

it('no room writes a method, a header or a revision of MCP again that protocol/ names', () => {
  const names = readdirSync(new URL('src/protocol/', root)).flatMap((file) =>
    [...readFileSync(new URL(`src/protocol/${file}`, root), 'utf8').matchAll(/^export const \w+ = ('[^']+')/gm)].map(
      ([, literal = '']) => literal,
    ),
  );
  expect(names.length).toBeGreaterThan(30);
  const again = ['server', 'gateway', 'transports', 'http', 'house'].flatMap((room) =>
    readdirSync(new URL(`src/${room}/`, root), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => {
        const text = readFileSync(new URL(`src/${room}/${file}`, root), 'utf8');
        return names.filter((name) => text.includes(name)).map((name) => `${room}/${file}: ${name}`);
      }),
  );
  expect(again).toEqual([]);
});
