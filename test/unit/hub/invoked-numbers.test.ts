// What a tool answers leaves the hub digit by digit, and what a request holds reaches the tool so.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { fullAccess } from '../../../src/companies/principal.ts';
import { readToolResult } from '../../../src/gateway/library/read-tool-result.ts';
import { createHubApp } from '../../../src/hub/api/hub-app.ts';
import { defineRoute, none } from '../../../src/hub/api/route.ts';
import { invokeRoute } from '../../../src/hub/api/routes/invoke.ts';
import type { Mounting } from '../../../src/hub/mounting.ts';
import { callTool } from '../../../src/hub/orchestration/call-tool.ts';
import { createInvokeTool } from '../../../src/hub/servers/invoke-tool.ts';
import { createLogger } from '../../../src/logging/logger.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { exactJson, withListedNumbers } from '../../../src/protocol/exact-number.ts';
import { InFlight } from '../../../src/server/in-flight.ts';
import type { JsonObject } from '../../../src/tools/tool-source.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';

const NUMBERS = '[12345678901234567890,0.10000000000000000001,-0,1e400,1.50]';
const RESULT = `{"content":[],"structuredContent":{"n":${NUMBERS}}}`;
const open = closeAfterEach();

it('numbers that a double cannot hold go through the hub as they were written, both ways', async () => {
  const asked: unknown[] = [];
  const tool = { name: 's__num', ownName: 'num', readOnly: true, descriptor: { name: 's__num', inputSchema: {} } };
  const mounting = {
    toolsOf: () => [tool],
    stateOf: () => undefined,
    call: async (_name: string, args: unknown) => {
      asked.push(args);
      return { forwarded: Buffer.from(RESULT), servedBy: 's', isError: false };
    },
  } satisfies Pick<Mounting, 'toolsOf' | 'stateOf' | 'call'>;
  const invoke = createInvokeTool({ get: () => ({ status: 'deployed', env: {} }) }, mounting, fullAccess('hub-admin'));
  const echo = defineRoute({
    method: 'post',
    path: '/api/echo',
    action: 'echo',
    summary: '',
    params: none,
    query: none,
    body: z.object({ steps: z.unknown() }),
    answers: { 200: { description: '', schema: z.unknown() } },
    problems: [],
    run: async ({ body }, { wantsEvents }) =>
      wantsEvents === true
        ? {
            events: (async function* () {
              yield { event: 'outcome', data: body };
            })(),
          }
        : { status: 200, body },
  });
  const door = createHubApp({
    routes: [invokeRoute(invoke), echo],
    admin: { principal: fullAccess('hub-admin'), admit: async () => {} },
    logger: createLogger({ level: 'silent', scrubber: new SecretScrubber() }),
    calls: new InFlight(),
    observe: () => {},
    scrub: (text) => text,
    version: '1.0.0',
    files: { folder: '/nowhere' },
  });
  const server = createServer((req, res) => door.handle(req, res)).listen(0, '127.0.0.1');
  open.push(async () => void server.close());
  await once(server, 'listening');
  const post = async (path: string, body: string, accept = 'application/json'): Promise<string> => {
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return (await fetch(origin + path, { method: 'POST', body, headers: { accept } })).text();
  };

  const answer = await post('/api/invoke', `{"server_id":"s","tool_name":"num","args":{"id":12345678901234567890}}`);
  expect(JSON.parse(answer)).toMatchObject({ server_id: 's', tool_name: 'num', is_error: false, result: {} });
  expect(answer).toContain(`"result":${RESULT}}`);
  expect(exactJson(asked)).toBe('[{"id":12345678901234567890}]');

  // Steps of an orchestration are shown before they are approved, and sent again to be repeated.
  const steps = '{"steps":[{"id":12345678901234567890}]}';
  expect(await post('/api/echo', steps)).toBe(steps);
  expect(await post('/api/echo', steps, 'text/event-stream')).toContain(`data: ${steps}\n`);
  expect(readToolResult(RESULT, 1_000).text).toContain('12345678901234567890,0.10000000000000000001');
});

it('what a tool of this house tells of schemas goes through with all its digits too', async () => {
  const text = '{"tools":[{"inputSchema":{"maximum":9007199254740993}}]}';
  const structured = z.custom<JsonObject>().parse(withListedNumbers(text, JSON.parse(text)));
  const tool = { name: 's__find', ownName: 'find', readOnly: true, descriptor: { name: 's__find', inputSchema: {} } };
  const mounting = {
    toolsOf: () => [tool],
    stateOf: () => undefined,
    call: async () => ({ structured, isError: false }),
  } satisfies Pick<Mounting, 'toolsOf' | 'stateOf' | 'call'>;
  const invoke = createInvokeTool({ get: () => ({ status: 'deployed', env: {} }) }, mounting, fullAccess('hub-admin'));
  const context = { signal: new AbortController().signal, requestId: 'r', timeoutMs: 60_000 };
  expect((await invoke('s', 'find', {}, context)).resultText).toBe(text);
  const parts = { principal: fullAccess('a'), requestId: 'r', scrub: (said: string) => said, onDefect: () => {} };
  const tools = { call: mounting.call, envOf: () => ({}) };
  expect((await callTool({ ...parts, tools }, 'find_tools', {}, context.signal)).text).toBe(text);
});
