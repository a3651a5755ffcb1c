/** Requests below /api that came to no route, those turned away before the hub's door too: each leaves its line in the audit too, as far as anybody may write there. */
import { pathOf } from '../../http/request-path.ts';
import { BoundedLines } from '../../tools/bounded-lines.ts';
import type { CallReport, ObserveCall } from '../../tools/call-report.ts';
import type { Problem } from '../problem.ts';

/** Nobody has to have a token to be refused: beyond these they are counted. */
const PER_MINUTE = 20;
/** In the place of who asked, where nobody knows. */
export const NOBODY = '-';

/** As Express has it. */
interface Asked {
  readonly method?: string | undefined;
  readonly originalUrl: string | undefined;
}

export class RefusedRequests {
  readonly #observe: ObserveCall;
  readonly #strangers: BoundedLines<CallReport>;

  constructor(observe: ObserveCall) {
    this.#observe = observe;
    this.#strangers = new BoundedLines({
      write: observe,
      perMinute: PER_MINUTE,
      more: (count) => report({ target: `+${count}`, principal: NOBODY, requestId: NOBODY, outcome: 'limite_de_uso' }),
    });
  }

  /** Of who does not administer: `principal` as far as a token says who it is. */
  notAdmitted(req: Asked, problem: Problem, principal: string): void {
    if (isApi(req)) this.#strangers.add(reportOf(req, problem, principal));
  }

  /** A path, or a method, that there is not; outside of /api it is nobody's business. */
  astray(req: Asked, problem: Problem, admin: string): void {
    if (isApi(req)) this.#observe(reportOf(req, problem, admin));
  }

  /** What was only counted is told of. */
  close(): void {
    this.#strangers.close();
  }
}

const isApi = ({ originalUrl }: Asked): boolean => /^\/api(?:\/|$)/.test(pathOf(originalUrl));

/** The path as it was asked for, without the query: some write a token there. */
function reportOf({ method, originalUrl }: Asked, problem: Problem, principal: string): CallReport {
  const target = `${method} ${pathOf(originalUrl)}`;
  return report({ target, principal, requestId: problem.request_id ?? NOBODY, outcome: problem.code });
}

function report(said: Pick<CallReport, 'target' | 'principal' | 'requestId' | 'outcome'>): CallReport {
  const nothing = { companies: [], rows: undefined, args: undefined, durationMs: 0 };
  return { method: 'hub/refused', known: false, door: 'rest', ...nothing, ...said };
}
