import { expect, test } from 'vitest';
import { EventLog } from '../../../src/transports/streamable/event-log.ts';

test('replays what one channel sent after an id, and nothing of the others', () => {
  const log = new EventLog();
  const channel = log.openChannel();
  const start = log.startOf(channel);
  const first = log.append(channel, 'a');
  log.append(0, 'for all');
  log.append(channel, 'b');
  expect(log.after(start)?.events.map(({ text }) => text)).toEqual(['a', 'b']);
  expect(log.after(first)?.events.map(({ text }) => text)).toEqual(['b']);
});

test('knows only the ids it gave', () => {
  const log = new EventLog();
  expect(log.after('1-1')).toBeUndefined();
  expect(log.after('x')).toBeUndefined();
  expect(log.after('0-0')?.events).toEqual([]);
});

test('forgets the oldest beyond its limits', () => {
  const log = new EventLog();
  for (let n = 0; n < 1_000; n += 1) log.append(0, String(n));
  expect(log.after('0-0')?.events).toHaveLength(256);
  log.append(0, 'x'.repeat(512 * 1024));
  expect(log.after('0-0')?.events).toHaveLength(1);
});
