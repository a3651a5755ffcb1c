import type { IncomingMessage } from 'node:http';
import { CancelledError, UserInputError } from '../errors.ts';
import { MAX_EXACT_NUMBERS, TooManyExactNumbersError, withExactNumbers } from '../protocol/exact-number.ts';
import { hasRepeatedKey } from '../server/json-keys.ts';
import { type BodyProblem, readBody } from '../server/read-body.ts';

export class BodyTooLargeError extends UserInputError {
  constructor() {
    super('O corpo da requisição passa de 4 MB.', { hint: 'Envie menos argumentos de uma vez.' });
  }
}

export class CodedBodyError extends UserInputError {
  constructor() {
    super('O corpo da requisição vem comprimido.', { hint: 'Envie-o sem Content-Encoding.' });
  }
}

/**
 * The body as JSON, `{}` when empty.
 *
 * @throws BodyTooLargeError above the limit; CodedBodyError; UserInputError when the body is not JSON in UTF-8 (it is never quoted) or names a
 * key twice or too many numbers that no double holds; CancelledError when the sender hung up half-way.
 */
export async function readJsonBody(req: IncomingMessage): Promise<unknown> {
  const text = await readText(req);
  if (text === '') return {};
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new UserInputError('O corpo da requisição não é JSON válido.', {
      hint: 'Envie um objeto JSON com os argumentos.',
    });
  }
  if (hasRepeatedKey(text, body)) {
    throw new UserInputError('O corpo da requisição dá o mesmo argumento mais de uma vez.', {
      hint: 'Envie cada argumento uma só vez.',
    });
  }
  return exactly(text, body);
}

function exactly(text: string, body: unknown): unknown {
  try {
    return withExactNumbers(text, body, 1);
  } catch (thrown) {
    if (!(thrown instanceof TooManyExactNumbersError)) throw thrown;
    const limit = MAX_EXACT_NUMBERS.toLocaleString('pt-BR');
    throw new UserInputError(`Mais de ${limit} números têm mais dígitos do que um número comporta.`, {
      hint: 'Envie-os entre aspas, como texto, ou em menos argumentos de uma vez.',
    });
  }
}

function readText(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    req.once('close', () => {
      if (!req.complete) reject(new CancelledError());
    });
    readBody(req, (body) => {
      if (body.kind === 'text') resolve(body.text);
      else reject(BODY_ERRORS[body.kind]());
    });
  });
}

const BODY_ERRORS: Readonly<Record<BodyProblem, () => UserInputError>> = {
  'too-large': () => new BodyTooLargeError(),
  coded: () => new CodedBodyError(),
  'not-text': () => new UserInputError('O corpo da requisição não é UTF-8.', { hint: 'Envie JSON em UTF-8.' }),
};
