import { expect, test } from 'vitest';
import type { EventStream } from '../../../src/transports/streamable/event-stream.ts';
import { SessionStreams } from '../../../src/transports/streamable/session-streams.ts';

const never = (): EventStream => {
  throw new Error('a stream was opened');
};

test('nothing goes on behind an id that was never given out', () => {
  const streams = new SessionStreams();
  for (const id of ['0-garbage', '0-', 'x', '0-999999999999999', '1-0'])
    expect(streams.resume(id, never), id).toBeUndefined();
});

test('behind one of an earlier process messages to nobody go on, with holes', () => {
  expect(() => new SessionStreams().resume('0-1', never)).toThrow('a stream was opened');
});
