import { expect, it } from 'vitest';
import { createLogger } from '../../../src/logging/logger.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';
import { tellPorts } from '../../../src/logging/tell-ports.ts';
import { startHouse } from '../../support/house.ts';

it.each([
  ['info', [8000], 1],
  ['error', [8000, undefined], 0],
  ['error', [8000, 0], 1],
  ['silent', [0], 1],
])('at level %s the ports asked for as %j are told %i times', (level, asked, times) => {
  const lines: string[] = [];
  const logger = createLogger({ level, scrubber: new SecretScrubber(), write: (line) => lines.push(line) });
  tellPorts(logger, asked, { port: 41_234 }, 'listening');
  expect(lines.filter((line) => line.includes('"port":41234'))).toHaveLength(times);
});

it('a house on ports of the system says all of them, and else nothing below its level', async () => {
  const variables = { MCP_LOG_LEVEL: 'error', MCP_SSE_PORT: '0', MCP_HTTP_PORT: '0' };
  const house = await startHouse({ companies: 1, variables });
  await house.close();
  expect(house.log).toHaveLength(1);
  const { level, port, ssePort, httpPort } = JSON.parse(house.log[0] ?? '');
  expect([level, port]).toEqual([30, house.app.port]);
  expect(new Set([port, ssePort, httpPort]).size).toBe(3);
  for (const told of [port, ssePort, httpPort]) expect(told).toBeGreaterThan(0);
});
