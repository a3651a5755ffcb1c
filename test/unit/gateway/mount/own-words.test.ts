import { expect, it } from 'vitest';
import { ownWords } from '../../../../src/gateway/mount/own-words.ts';

it.each([
  ['MCP error -32602: MCP error -32602: Tool pay: no such account', 'Tool pay: no such account'],
  ['boom at Object.<anonymous> (/home/x/y.js:1:2)\n    at foo token=abc', 'boom'],
  ['boom at file:///srv/app/index.js:10:3 and more', 'boom'],
  ['boom at async node:internal/process/task_queues:95:5', 'boom'],
  ['boom at com.acme.Pay.run(Pay.java:12) at x', 'boom'],
  ['boom Traceback (most recent call last): File "/srv/x.py", line 3, in pay', 'boom'],
  ['first line\r\nsecond line', 'first line'],
  ['meeting at noon (12h) failed at 10:30:15 on line 3', 'meeting at noon (12h) failed at 10:30:15 on line 3'],
  ['ca\u001b[31mfé\u200b', 'café'],
  ['', 'não disse por quê'],
  ['    at foo (/a/b.js:1:2)', 'não disse por quê'],
])('of %j is repeated: %j', (message, words) => expect(ownWords(message)).toBe(words));

it('is cut, however much was said', () => {
  expect(ownWords('x'.repeat(10_000_000)).length).toBeLessThanOrEqual(500);
  expect(ownWords(`${' at a'.repeat(1_000_000)}`).length).toBeLessThanOrEqual(500);
});
