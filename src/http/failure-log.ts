import type { ServerResponse } from 'node:http';
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
export function watchFailures({ logger, onFailed }: FailureWatch): (res: ServerResponse) => void {
  return (res) => {
    res.on('finish', tellIfFailed);
  };

  /** One function for all responses: nearly none fails, and a closure for each would cost more than all of this. */
  function tellIfFailed(this: ServerResponse): void {
    const { req, statusCode: status } = this;
    if (status < 400) return;
    onFailed?.(status);
    const level = status === 429 || status === 503 ? 'debug' : status >= 500 ? 'warn' : 'info';
    if (!logger.isLevelEnabled(level)) return;
    const path = pathOf(req.url).slice(0, 200);
    logger[level]({ requestId: this.getHeader('x-request-id'), status, method: req.method, path }, 'http failure');
  }
}
