import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { sendEvents } from '../../../src/hub/api/send-events.ts';

it('who does not read is sent no more than fits, and whoever leaves then is let go', async () => {
  // Nobody has taken a byte of it yet.
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  let asked = 0;
  let ended = false;
  async function* events() {
    try {
      for (; asked < 2_000; asked += 1) yield { event: 'servers', data: 'x'.repeat(4_096) };
    } finally {
      ended = true;
    }
  }
  const sending = sendEvents(res, events(), { requestId: 'r', scrub: (text) => text });
  for (let turns = 0; turns < 100; turns += 1) await turn();
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(100);
  expect(ended).toBe(false);
  res.destroy();
  // As its connection tells it.
  res.emit('close');
  await sending;
  expect([ended, res.listenerCount('drain'), asked < 100]).toEqual([true, 0, true]);
});
