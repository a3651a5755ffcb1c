import { INVALID_PARAMS } from '../protocol/error-codes.ts';
import { type Fields, isFields } from '../protocol/json-rpc.ts';
import { SET_LEVEL } from '../protocol/methods.ts';
import { logThreshold } from '../server/reporter.ts';

/**
 * The error for a `logging/setLevel` without a level that exists. The SDK's own handler would let its schema throw,
 * which comes out as -32603 with the schema's inside in the message.
 */
export function levelProblem({ method, params }: Fields): { code: number; message: string } | undefined {
  if (method !== SET_LEVEL) return undefined;
  if (isFields(params) && logThreshold(params['level']) !== undefined) return undefined;
  const message = 'Invalid params for logging/setLevel: level must be one of the eight levels';
  return { code: INVALID_PARAMS, message };
}
