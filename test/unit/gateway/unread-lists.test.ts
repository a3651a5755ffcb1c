// Why a server is not there names the list that it did not send.
import { expect, it } from 'vitest';
import type { Link } from '../../../src/gateway/links/link.ts';
import { MalformedAnswerError, UpstreamAnswerError } from '../../../src/gateway/links/link-errors.ts';
import { readOffer } from '../../../src/gateway/upstreams/read-offer.ts';
import { problemOf } from '../../../src/gateway/upstreams/upstream-words.ts';
import { asking } from '../../support/upstreams.ts';

const LISTS: Record<string, string> = {
  'tools/list': '{"tools":[]}',
  'resources/list': '{"resources":[]}',
  'resources/templates/list': '{"resourceTemplates":[]}',
  'prompts/list': '{"prompts":[]}',
};

const serverWithout = (method: string, why: Error): Link => ({
  info: {
    era: 'legacy',
    protocolVersion: '2025-11-25',
    serverInfo: { name: 's', version: '1' },
    capabilities: { tools: {}, resources: {}, prompts: {} },
    stateful: false,
  },
  request: async (asked) => {
    if (asked === method) throw why;
    return LISTS[asked] ?? '{}';
  },
  notify: () => {},
  onNotification: () => () => {},
  closed: new Promise(() => {}),
  close: async () => {},
});

it.each(Object.keys(LISTS))('a server that answers %s with an error is told with that list', async (method) => {
  const refused = await readOffer(serverWithout(method, new UpstreamAnswerError(-32603, 'boom')), asking()).catch(
    problemOf,
  );
  expect(refused).toBe(`${method}: respondeu com o erro -32603`);
  const malformed = await readOffer(serverWithout(method, new MalformedAnswerError()), asking()).catch(problemOf);
  expect(malformed).toBe(`${method}: respondeu algo que não é um resultado de MCP`);
});

it('a credential that is refused is told as that', async () => {
  const why = new UpstreamAnswerError(-32000, 'no', { status: 401 });
  const refused = await readOffer(serverWithout('prompts/list', why), asking()).catch(problemOf);
  expect(refused).toBe('recusou a credencial (HTTP 401): confira auth deste servidor');
});
