/**
 * Our server as people run it, at an Omie that takes as many calls a minute as are sent: under the real 960 a minute no
 * process can be kept in flight with 64 calls of 200 ms for longer than three seconds.
 */
import { startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';

const config = loadConfig({ flags: { MCP_PORT: process.env['PORT'] } });
await startApp({ ...config, transports: ['http', 'sse'], omieCallsAMinute: 1_000_000 });
