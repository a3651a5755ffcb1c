import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../logging/logger.ts';
import { pathOf } from './request-path.ts';

export interface FailureWatch {
  readonly logger: Logger;
  readonly onFailed?: ((status: number) => void) | undefined;
}

/**
 * One log line for every response of 400 and above, under the id in its body. Shed and limited requests come by the
 * thousand just when there is no time for them, hence `debug`.
 */
export function watchFailures({ logger, onFailed }: FailureWatch): (req: IncomingMessage, res: ServerResponse) => void {
  return (req, res) => {
    res.once('finish', () => {
      const { statusCode: status } = res;
      if (status < 400) return;
      onFailed?.(status);
      const level = status === 429 || status === 503 ? 'debug' : status >= 500 ? 'warn' : 'info';
      if (!logger.isLevelEnabled(level)) return;
      const path = pathOf(req.url).slice(0, 200);
      logger[level]({ requestId: res.getHeader('x-request-id'), status, method: req.method, path }, 'http failure');
    });
  };
}
