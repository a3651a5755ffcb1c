import { afterEach, expect, it } from 'vitest';
import { UsageLimitError } from '../../../src/errors.ts';
import { sendAppError, sendRpcError } from '../../../src/http/error-response.ts';
import { watchFailures } from '../../../src/http/failure-log.ts';
import { type Listener, listen } from '../../../src/http/listen.ts';
import { createLogger } from '../../../src/logging/logger.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';

let listener: Listener | undefined;
afterEach(async () => {
  listener?.closeAll();
  await listener?.close();
});

it.each([
  ['MCP', sendRpcError],
  ['REST', sendAppError],
])('a refusal over %s is logged under the id its reader was given, what went well is not', async (_door, send) => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', scrubber: new SecretScrubber(), write: (line) => lines.push(line) });
  const failed: number[] = [];
  const watch = watchFailures({ logger, onFailed: (status) => failed.push(status) });
  listener = await listen(
    (req, res) => {
      watch(res);
      if (req.url === '/ok') res.writeHead(204).end();
      else send(res, new UsageLimitError('Consultas demais neste minuto.', 1_000));
    },
    { host: '127.0.0.1', port: 0, behindProxy: false },
  );
  await fetch(`http://127.0.0.1:${listener.port}/ok`);
  const refusal = await fetch(`http://127.0.0.1:${listener.port}/mcp?x=1`);
  const requestId = refusal.headers.get('x-request-id');
  expect(JSON.stringify(await refusal.json())).toContain(requestId);
  await expect.poll(() => lines).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ requestId, status: 429, method: 'GET', path: '/mcp' });
  expect(failed).toEqual([429]);
});
