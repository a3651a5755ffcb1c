/** One thing that was looked at. Texts are Portuguese and never hold a secret. */
export interface Finding {
  readonly level: 'ok' | 'aviso' | 'erro';
  /** What was found. */
  readonly what: string;
  /** What to do about it; only when there is something to do. */
  readonly advice?: string;
}

/** A look at one part of a deployment. Never throws for what it finds; what it throws is a defect of the check. */
export interface Check {
  readonly name: string;
  run(): Promise<readonly Finding[]>;
}

export const ok = (what: string): Finding => ({ level: 'ok', what });
export const warning = (what: string, advice: string): Finding => ({ level: 'aviso', what, advice });
export const problem = (what: string, advice: string): Finding => ({ level: 'erro', what, advice });
