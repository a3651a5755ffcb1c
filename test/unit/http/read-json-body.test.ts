import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { readJsonBody } from '../../../src/http/read-json-body.ts';
import { problemOf, sendProblem } from '../../../src/hub/api/problem-response.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';

const open = closeAfterEach();

it.each([
  ['text', Buffer.from('{"a":"é"}'), 'identity', 200],
  ['bytes that are no UTF-8', Buffer.from('{"a":"\xe9"}', 'latin1'), 'identity', 400],
  ['what is compressed', gzipSync('{"a":1}'), 'gzip', 415],
])('a body of %s', async (_what, body, coding, status) => {
  const server = createServer((req, res) => {
    readJsonBody(req).then(
      (value) => res.end(JSON.stringify(value)),
      (thrown: unknown) => sendProblem(res, problemOf(thrown, 'r')),
    );
  }).listen(0, '127.0.0.1');
  open.push(async () => void server.close());
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const answer = await fetch(origin, {
    method: 'POST',
    body: new Uint8Array(body),
    headers: { 'content-encoding': coding },
  });
  expect([answer.status, await answer.json()]).toEqual([
    status,
    status === 200 ? { a: 'é' } : expect.objectContaining({ code: 'parametro_invalido', hint: expect.any(String) }),
  ]);
});
