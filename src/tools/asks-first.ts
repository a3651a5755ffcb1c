import type { InputRequired } from './input-required.ts';

/** Thrown by a tool that goes on when the client has brought what is asked for: no failure, and nothing has been done. */
export class AsksFirst extends Error implements InputRequired {
  readonly inputRequired: string;

  /** @param inputRequired JSON text of the whole result */
  constructor(inputRequired: string) {
    super('the client is asked first');
    this.name = new.target.name;
    this.inputRequired = inputRequired;
  }
}
