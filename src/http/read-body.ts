import type { IncomingMessage } from 'node:http';
import { CancelledError, UserInputError } from '../errors.ts';

/** 4 MB: far above any honest request, far below what would hurt. */
export const bodyLimitBytes = 4 * 1024 * 1024;

export class BodyTooLargeError extends UserInputError {
  constructor() {
    super('O corpo da requisição passa de 4 MB.', { hint: 'Envie menos argumentos de uma vez.' });
  }
}

/**
 * The body as JSON, `{}` when empty.
 *
 * @throws BodyTooLargeError above the limit; UserInputError when the body is not JSON (it is never quoted);
 * CancelledError when the sender hung up half-way.
 */
export async function readJsonBody(req: IncomingMessage): Promise<unknown> {
  const body = await readBody(req);
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new UserInputError('O corpo da requisição não é JSON válido.', {
      hint: 'Envie um objeto JSON com os argumentos.',
    });
  }
}

async function readBody(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of req) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      size += bytes.length;
      if (size > bodyLimitBytes) throw new BodyTooLargeError();
      chunks.push(bytes);
    }
  } catch (thrown) {
    if (thrown instanceof BodyTooLargeError) throw thrown;
    throw new CancelledError(undefined, { cause: thrown });
  }
  return Buffer.concat(chunks);
}
