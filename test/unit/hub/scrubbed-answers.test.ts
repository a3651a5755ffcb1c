// The last gate of the hub's own API: a secret does not leave, and what leaves is still JSON.
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { z } from 'zod';
import { fullAccess } from '../../../src/companies/principal.ts';
import { createHubApp } from '../../../src/hub/api/hub-app.ts';
import { problemOf, sendProblem } from '../../../src/hub/api/problem-response.ts';
import { defineRoute, noBody, none } from '../../../src/hub/api/route.ts';
import { readEvents } from '../../../src/hub/page/event-stream.ts';
import { HubError } from '../../../src/hub/problem.ts';
import { createLogger } from '../../../src/logging/logger.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { InFlight } from '../../../src/server/in-flight.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';

const KEY = '1560731700000';
const open = closeAfterEach();

it('a number that is a key leaves as text, in an answer and in an event, and nothing else changes; what does not show leaves as an escape', async () => {
  const data = { total: Number(KEY), lines: [`key ${KEY}`, 7], hidden: 'a\u202eb\u{e0041}', [KEY]: true };
  const clean = { total: '[redacted]', lines: ['key [redacted]', 7], hidden: data.hidden, '[redacted]': true };
  const facts = { method: 'get', summary: '', params: none, query: none, body: noBody, problems: [] } as const;
  const answers = { 200: { description: '', schema: z.unknown() } };
  const door = createHubApp({
    routes: [
      defineRoute({
        ...facts,
        path: '/api/once',
        action: 'once',
        answers,
        run: async () => ({ status: 200, body: data }),
      }),
      defineRoute({
        ...facts,
        path: '/api/events',
        action: 'events',
        answers,
        run: async () => ({
          events: (async function* () {
            yield { event: 'data', data };
          })(),
        }),
      }),
    ],
    admin: { principal: fullAccess('hub-admin'), admit: async () => {} },
    logger: createLogger({ level: 'silent', scrubber: new SecretScrubber() }),
    calls: new InFlight(),
    observe: () => {},
    scrub: (text) => text.replaceAll(KEY, '[redacted]'),
    version: '1.0.0',
    files: { folder: '/nowhere' },
  });
  const server = createServer((req, res) => door.handle(req, res)).listen(0, '127.0.0.1');
  open.push(async () => void server.close());
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const answer = await fetch(`${origin}/api/once`);
  const text = await answer.text();
  expect(text).toContain('"a\\u202eb\\udb40\\udc41"');
  expect(JSON.parse(text)).toEqual(clean);
  const { body } = await fetch(`${origin}/api/events`, { headers: { accept: 'text/event-stream' } });
  const seen: unknown[] = [];
  const sent: string[] = [];
  if (body !== null) {
    for await (const { data: json } of readEvents(body)) {
      sent.push(json);
      seen.push(JSON.parse(json));
    }
  }
  expect(sent.join()).toContain('"a\\u202eb\\udb40\\udc41"');
  expect(seen).toEqual([clean]);
});

it('what does not show leaves as an escape in a problem too', () => {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  const end = vi.spyOn(res, 'end');
  sendProblem(res, problemOf(new HubError('pedido_recusado', 'a\u202eb'), 'r'));
  const sent = String(end.mock.calls[0]?.[0]);
  expect(sent).toContain('"a\\u202eb"');
  expect(JSON.parse(sent)).toMatchObject({ detail: 'a\u202eb' });
});
