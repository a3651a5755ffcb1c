import { once } from 'node:events';
import { expect, test } from 'vitest';
import { abortSignalOf, CallStop } from '../../src/stop-signal.ts';

function listening(stop: CallStop) {
  const heard: string[] = [];
  const listener = (name: string) => (): void => {
    heard.push(name);
  };
  const [first, second] = [listener('first'), listener('second')];
  stop.addEventListener('abort', first);
  stop.addEventListener('abort', second);
  stop.addEventListener('abort', first);
  return { heard, first, second };
}

test('whoever listens is called once, in order, and sees that it is over', () => {
  const stop = new CallStop();
  const { heard } = listening(stop);
  stop.addEventListener('abort', () => heard.push(String(stop.aborted)));
  expect(stop.aborted).toBe(false);
  stop.abort();
  stop.abort();
  expect(heard).toEqual(['first', 'second', 'true']);
});

test('whoever stopped listening is not called', () => {
  const stop = new CallStop();
  const { heard, first } = listening(stop);
  stop.removeEventListener('abort', first);
  stop.removeEventListener('abort', () => {});
  stop.abort();
  expect(heard).toEqual(['second']);
});

test('one that throws keeps nobody else from hearing, and is told of', async () => {
  const stop = new CallStop();
  stop.addEventListener('abort', () => {
    throw new Error('broken listener');
  });
  const { heard } = listening(stop);
  const warned = once(process, 'warning');
  stop.abort();
  expect(heard).toEqual(['first', 'second']);
  expect(await warned).toMatchObject([{ message: 'A listener of a stopped call failed: Error.' }]);
});

test('one that leaves the others while they are called takes nobody along', () => {
  const stop = new CallStop();
  const heard: string[] = [];
  const leaving = (): void => {
    stop.removeEventListener('abort', leaving);
    heard.push('leaving');
  };
  stop.addEventListener('abort', leaving);
  stop.addEventListener('abort', () => heard.push('last'));
  stop.abort();
  expect(heard).toEqual(['leaving', 'last']);
});

test('who takes nothing but an AbortSignal gets one that follows', () => {
  const stop = new CallStop();
  const following = abortSignalOf(stop);
  expect(following.aborted).toBe(false);
  stop.abort();
  expect(following.aborted).toBe(true);
  expect(abortSignalOf(stop).aborted).toBe(true);
  expect(abortSignalOf(following)).toBe(following);
});
