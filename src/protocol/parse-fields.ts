import { parseExactly } from './exact-number.ts';
import { type Fields, isFields } from './json-rpc.ts';

/**
 * The object that a JSON text is, with exact numbers.
 *
 * @param json known to be an object
 * @throws TypeError for any other value, which is a defect of whoever said so
 */
export function parseFields(json: string): Fields {
  const value = parseExactly(json);
  if (!isFields(value)) throw new TypeError('The JSON text is not an object.');
  return value;
}
