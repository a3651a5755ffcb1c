import { expect, it } from 'vitest';
import { EMPTY_OFFER } from '../../../src/gateway/upstreams/offer.ts';
import { MAX_ITEMS, readOffer } from '../../../src/gateway/upstreams/read-offer.ts';
import { trustScreen } from '../../../src/gateway/upstreams/trust-screen.ts';
import { MAX_EXACT_NUMBERS } from '../../../src/protocol/exact-number.ts';
import { stdioServer } from '../../support/gateway-house.ts';
import { asking } from '../../support/upstreams.ts';

const tools = (count: number, inputSchema: object) =>
  Array.from({ length: count }, (_, n) => ({
    name: `tool_${n}`,
    inputSchema: { type: 'object' as const, ...inputSchema },
  }));
const server = stdioServer('s', 'x');

/** A server of tools whose every answer is the text. */
function answering(text: string) {
  let asked = 0;
  const link = {
    info: {
      era: 'legacy' as const,
      protocolVersion: '2025-11-25',
      serverInfo: { name: 's', version: '1' },
      capabilities: { tools: {} },
      stateful: true,
    },
    request: async () => {
      asked += 1;
      return text;
    },
    notify: () => {},
    onNotification: () => () => {},
    closed: new Promise<undefined>(() => {}),
    close: async () => {},
  };
  return { link, asked: () => asked };
}

it('what is wrong with thousands of tools is told of the first ones, with a count', async () => {
  const hostile = tools(5_000, { properties: { a: { pattern: '(a+)+$' } } });
  const { problems, offer } = await trustScreen({})(server, { ...EMPTY_OFFER, tools: hostile }, []);
  expect(offer.tools).toEqual([]);
  expect(problems).toHaveLength(11);
  expect(problems.at(-1)).toBe('e mais 4990 do mesmo modo');
});

it('of a list beyond the limit the first ones stay, and the rest is not looked at', async () => {
  const many = tools(MAX_ITEMS, {});
  const text = JSON.stringify({ tools: [...many, ...Array.from({ length: 50 }, () => 'no tool')] });
  const { link, asked } = answering(text);
  const { offer, problems } = await readOffer(link, asking());
  expect(offer.tools).toHaveLength(MAX_ITEMS);
  expect(problems).toEqual([`tools/list: são mais de ${MAX_ITEMS}; ficaram os primeiros`]);
  expect(asked()).toBe(1);
});

it('with more exact numbers than are kept of a message they are rounded, which is said, and nothing is lost', async () => {
  const numbers = Array<string>(MAX_EXACT_NUMBERS + 1).fill('9007199254740993');
  const many = `{"name":"many","inputSchema":{"type":"object","enum":[${numbers.join()}]}}`;
  const endless = '{"name":"endless","inputSchema":{"type":"object","maximum":1e400}}';
  const read = await readOffer(answering(`{"tools":[${many},${endless}]}`).link, asking());
  expect(read.problems).toEqual([expect.stringMatching(/^tools\/list: mais de 10000 números .* arredondados$/)]);
  const { offer, problems } = await trustScreen({})(server, read.offer, []);
  expect(offer.tools.map(({ name }) => name)).toEqual(['many']);
  expect(offer.tools[0]?.inputSchema['enum']).toContain(9007199254740992);
  expect(problems).toEqual([expect.stringContaining('"endless" recusada: o esquema tem um número')]);
});

it('others have their turn while thousands of tools are looked at', async () => {
  let turns = 0;
  let over = false;
  const turn = (): void => {
    turns += 1;
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await trustScreen({})(server, { ...EMPTY_OFFER, tools: tools(2_000, {}) }, []);
  over = true;
  expect(turns).toBeGreaterThan(5);
});
