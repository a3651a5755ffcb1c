// A list beside the tools that its server refuses to show takes no tool away; it is named, and asked for again.
import { expect, it } from 'vitest';
import type { Link } from '../../../src/gateway/links/link.ts';
import { UpstreamAnswerError, UpstreamTimeoutError } from '../../../src/gateway/links/link-errors.ts';
import { KnownOffer } from '../../../src/gateway/upstreams/known-offer.ts';
import { readOffer } from '../../../src/gateway/upstreams/read-offer.ts';
import { problemOf } from '../../../src/gateway/upstreams/upstream-words.ts';
import { httpServer } from '../../support/gateway-house.ts';
import { asking } from '../../support/upstreams.ts';

const LISTS: Record<string, string> = {
  'tools/list': '{"tools":[{"name":"a","inputSchema":{"type":"object"}}]}',
  'resources/list': '{"resources":[{"uri":"note://one","name":"one"}]}',
  'resources/templates/list': '{"resourceTemplates":[]}',
  'prompts/list': '{"prompts":[{"name":"p"}]}',
};
const broken = (): Error => new UpstreamAnswerError(-32603, 'boom');

/** Has all lists but those that fail now. */
function server(capabilities: Link['info']['capabilities'] = { tools: {}, resources: {}, prompts: {} }) {
  const failing = new Map<string, () => Error>();
  const link: Link = {
    info: {
      era: 'legacy',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 's', version: '1' },
      capabilities,
      stateful: false,
    },
    request: async (method) => {
      const fails = failing.get(method);
      if (fails !== undefined) throw fails();
      return LISTS[method] ?? '{}';
    },
    notify: () => {},
    onNotification: () => () => {},
    closed: new Promise(() => {}),
    close: async () => {},
  };
  return { link, failing };
}

it.each(['resources/list', 'resources/templates/list', 'prompts/list'])(
  'without %s a server is there with its tools and the other lists, and what is missing is said',
  async (method) => {
    const { link, failing } = server();
    failing.set(method, broken);
    const { offer, problems, unread } = await readOffer(link, asking());
    expect(offer.tools.map(({ name }) => name)).toEqual(['a']);
    expect(offer.prompts).toHaveLength(method === 'prompts/list' ? 0 : 1);
    expect(offer.resources).toHaveLength(method === 'resources/list' ? 0 : 1);
    expect(problems).toEqual([`${method}: respondeu com o erro -32603; essa lista fica de fora até que ele a envie`]);
    expect(unread).toEqual([method]);
  },
);

it('without its tools it is not there, and the request that failed is named', async () => {
  const { link, failing } = server();
  failing.set('tools/list', broken);
  const thrown = await readOffer(link, asking()).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(UpstreamAnswerError);
  expect(problemOf(thrown)).toBe('tools/list: respondeu com o erro -32603');
});

it('nor is one that is slow or gone, or that has no tools to be there for', async () => {
  const slow = server();
  slow.failing.set('resources/list', () => new UpstreamTimeoutError('late', { sent: true }));
  await expect(readOffer(slow.link, asking())).rejects.toThrow(UpstreamTimeoutError);
  const resources = server({ resources: {} });
  resources.failing.set('resources/list', broken);
  const thrown = await readOffer(resources.link, asking()).catch((error: unknown) => error);
  expect(problemOf(thrown)).toBe('resources/list: respondeu com o erro -32603');
});

it('a list that could not be read is asked for again; one that could be stays as it was known', async () => {
  const { link, failing } = server();
  failing.set('resources/list', broken);
  const stop = new AbortController();
  const told: (readonly string[])[] = [];
  const waits: (() => void)[] = [];
  const owner = {
    config: httpServer('s', 'http://127.0.0.1/mcp'),
    link,
    judged: (problems: readonly string[]) => told.push(problems),
    suspect: () => {},
  };
  const pause = () => new Promise<void>((resolve) => waits.push(resolve));
  const known = new KnownOffer(owner, undefined, stop.signal, { pause });
  await known.take(await readOffer(link, asking()));
  expect(known.now.resources).toEqual([]);
  waits.shift()?.();
  // Still broken: it waits once more.
  await expect.poll(() => waits.length).toBe(1);
  expect(known.now.resources).toEqual([]);
  failing.clear();
  waits.shift()?.();
  await expect.poll(() => known.now.resources.length).toBe(1);
  expect(told.at(-1)).toEqual([]);
  expect(waits).toEqual([]);
  failing.set('resources/list', broken);
  await expect(known.reread(stop.signal)).rejects.toThrow(UpstreamAnswerError);
  expect(known.now.resources).toHaveLength(1);
  stop.abort();
});
