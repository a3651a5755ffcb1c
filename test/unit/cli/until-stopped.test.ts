import { afterEach, expect, it, vi } from 'vitest';
import { untilStopped } from '../../../src/cli/until-stopped.ts';

afterEach(() => vi.useRealTimers());

const heard = (): number[] => [process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')];

it('a signal that comes twice at once, as from npm, is one stop; a later one does what it does', async () => {
  vi.useFakeTimers();
  const before = heard();
  const stopped = untilStopped();
  process.emit('SIGINT', 'SIGINT');
  expect(await stopped).toBe('SIGINT');
  // Unheard, the second would end the process in the middle of its stop, and leave its programs behind.
  expect(heard()).toEqual(before.map((count) => count + 1));
  process.emit('SIGINT', 'SIGINT');
  vi.advanceTimersByTime(1_000);
  expect(heard()).toEqual(before);
});
