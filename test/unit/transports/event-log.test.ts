import { expect, test } from 'vitest';
import { EventLog } from '../../../src/transports/streamable/event-log.ts';

test('replays what one channel sent after an id, and nothing of the others', () => {
  const log = new EventLog();
  const channel = log.openChannel();
  const start = log.startOf(channel);
  const first = log.append(channel, 'a');
  log.append(0, 'for all');
  log.append(channel, 'b');
  expect(log.after(start)?.events).toMatchObject([{ text: 'a' }, { text: 'b' }]);
  expect(log.after(first)?.events).toMatchObject([{ text: 'b' }]);
});

test('knows only the ids it gave', () => {
  const log = new EventLog();
  expect(log.after('1-1')).toBeUndefined();
  for (const never of ['x', '0-garbage', '0-', '0-1', '00-0x']) expect(log.after(never), never).toBeUndefined();
  expect(log.after('0-0')?.events).toEqual([]);
});

test('forgets the oldest beyond its limits, and says so', () => {
  const log = new EventLog();
  for (let n = 0; n < 1_000; n += 1) log.append(0, String(n));
  expect(log.after('0-743')?.events).toBe('gone');
  expect(log.after('0-744')?.events).toHaveLength(256);
});

test('an answer too large to keep is not passed over in silence', () => {
  const log = new EventLog();
  const [channel, other] = [log.openChannel(), log.openChannel()];
  const [start, otherStart] = [log.startOf(channel), log.startOf(other)];
  const sent = log.append(channel, 'x'.repeat(512 * 1024 + 1));
  expect(log.after(start)?.events).toBe('gone');
  expect(log.after(sent)?.events).toEqual([]);
  expect(log.after(otherStart)?.events).toEqual([]);
});

test('what it remembers of dropped events is bounded', () => {
  const log = new EventLog();
  const starts = Array.from({ length: 2_000 }, () => {
    const channel = log.openChannel();
    const start = log.startOf(channel);
    log.append(channel, 'a');
    return start;
  });
  expect(starts.filter((start) => log.after(start)?.events !== 'gone')).toHaveLength(256);
});
