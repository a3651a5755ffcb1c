import { randomUUID } from 'node:crypto';
import { errorText, type Fields, isFields, type RequestId } from '../protocol/json-rpc.ts';

/** The `error` of a JSON-RPC answer. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export interface ProtocolErrorReport {
  readonly requestId: string;
  readonly code: number;
  readonly message: string;
}

/**
 * Errors of the protocol itself: messages that are none, methods that do not exist, parameters of a wrong shape. Each gets an
 * id that its reader can quote and under which it is reported, as the failures of our own handlers have one already.
 */
export class ProtocolErrors {
  readonly #report: (report: ProtocolErrorReport) => void;

  constructor(report: (report: ProtocolErrorReport) => void) {
    this.#report = report;
  }

  text(id: RequestId | null, error: RpcError): string {
    const { code, message, data } = this.named(error);
    return errorText(id, code, message, data);
  }

  /** The same error with an id; one that has an id was reported by whoever gave it. */
  named<E extends RpcError>(error: E): E & { readonly data: Fields } {
    const given = isFields(error.data) ? error.data : {};
    if (typeof given['id_requisicao'] === 'string') return { ...error, data: given };
    const requestId = randomUUID();
    this.#report({ requestId, code: error.code, message: error.message });
    return { ...error, data: { ...given, id_requisicao: requestId } };
  }
}
