import { expect, it } from 'vitest';
import { createLogger } from '../../../src/logging/logger.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { scrubJson } from '../../../src/logging/scrub-json.ts';

const scrubber = new SecretScrubber();
scrubber.register('1234567890', 'segredo"com/aspas');
const scrub = (text: string): string => scrubber.scrub(text);

it.each([
  ['{"n":12345678901234567890}', '{"n":"[redacted]"}'],
  ['[1234567890.5,-1234567890e3,{"a":1234567890}]', '["[redacted]","[redacted]",{"a":"[redacted]"}]'],
  ['{"a 1234567890":"b 1234567890 c"}', '{"a [redacted]":"b [redacted] c"}'],
  ['{"s":"x segredo\\"com\\/aspas y","n":1}', '{"s":"x [redacted] y","n":1}'],
])('%s becomes %s', (json, clean) => {
  expect(scrubJson(json, scrub)).toBe(clean);
});

it('leaves all other numbers as they were written', () => {
  const json = '{ "id": 9007199254740993, "v": 1.10, "k": "1234567890" }';
  expect(scrubJson(json, scrub)).toBe('{ "id": 9007199254740993, "v": 1.10, "k": "[redacted]" }');
});

it('a log line stays JSON', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'info', scrubber, write: (line) => lines.push(line) });
  logger.info({ n: 123_456_789_012_345, s: 'x 1234567890' }, 'event');
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ n: '[redacted]', s: 'x [redacted]', msg: 'event' });
});
