import type { Head } from './audit-head.ts';
import { type ChainEnd, emptyChain, GENESIS, parseLine } from './audit-line.ts';
import type { AuditEvent } from './audit-record.ts';
import type { ChainLink } from './chain-links.ts';

export interface WalkOptions {
  /** The anchor, when there is one. */
  readonly anchor: Head | undefined;
  /** `prev` of the first line, when older files were archived elsewhere. */
  readonly after?: string | undefined;
  /** A hash that some line must have. */
  readonly head?: string | undefined;
}

/** Goes along the chain link by link and stops at the first that does not fit. */
export class ChainWalk {
  readonly warnings: string[] = [];
  end: ChainEnd = emptyChain;
  lines = 0;
  metWanted = false;
  /** Hash of the line that the anchor speaks of. */
  hashAtAnchor: string | undefined;
  readonly #options: WalkOptions;
  #last: ChainLink | undefined;
  /** Two neighbours that do not fit: which of them was changed shows at the line after them. */
  #doubt: { readonly before: ChainLink | undefined; readonly at: ChainLink } | undefined;

  constructor(options: WalkOptions) {
    this.#options = options;
    if (options.anchor?.seq === 0) this.hashAtAnchor = GENESIS;
  }

  /** What is wrong, once that is certain. */
  step(link: ChainLink): string | undefined {
    if (this.#doubt !== undefined) return this.#settle(link.prev === this.#doubt.at.hash);
    if (link.seq === 0) return `${link.where}: não é uma linha inteira deste log`;
    const { after } = this.#options;
    const expected = this.lines === 0 && after !== undefined ? { seq: link.seq - 1, hash: after } : this.end;
    if (link.seq !== expected.seq + 1)
      return `${link.where}: esperava a linha de número ${expected.seq + 1} e veio a ${link.seq}: linhas removidas, repetidas ou fora de ordem`;
    if (link.prev !== expected.hash) this.#doubt = { before: this.#last, at: link };
    this.#take(link);
    return undefined;
  }

  /** What is wrong although no further line can tell. */
  finish(): string | undefined {
    if (this.#doubt === undefined) return undefined;
    return this.#settle(this.#options.anchor?.hash === this.#doubt.at.hash);
  }

  #take(link: ChainLink): void {
    this.end = { seq: link.seq, hash: link.hash };
    this.lines += 1;
    this.#last = link;
    if (link.hash === this.#options.head) this.metWanted = true;
    if (link.seq === this.#options.anchor?.seq) this.hashAtAnchor = link.hash;
    if (link.event !== undefined) this.#warn(link.event);
  }

  #settle(laterIsIntact: boolean): string {
    const { before, at } = this.#doubt ?? {};
    const changed = laterIsIntact && before !== undefined ? before : at;
    return `${changed?.where}: a linha de número ${changed?.seq} foi alterada, ou não é a que estava ali`;
  }

  #warn(bytes: Buffer): void {
    const line = parseLine(bytes);
    if (line === undefined || !('event' in line)) return;
    this.warnings.push(`linha ${line.seq}: ${told(line)}`);
  }
}

function told(event: AuditEvent): string {
  if (event.event === 'lost') return `o disco recusou gravações e ${event.lines} chamada(s) ficaram sem registro`;
  if (event.event === 'torn')
    return `uma interrupção deixou ${event.bytes} byte(s) de uma linha incompleta, guardados em .torn`;
  return `ao iniciar, ${event.lines} linha(s) antes desta não tinham assinatura: o servidor foi interrompido entre gravar e assinar, ou alguém as acrescentou`;
}
