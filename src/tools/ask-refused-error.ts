/** The client was asked something during a call and said no, or cannot be asked such a thing: a JSON-RPC error's parts. */
export class AskRefusedError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.data = data;
  }
}
