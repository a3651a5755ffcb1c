/** Questions that many want answered at once and again and again: each is asked once, and waited for only so long. */
export interface SharedAnswersOptions<T> {
  /** Milliseconds after which an answer is old. */
  readonly keepMs: number;
  /** Milliseconds for which anybody waits. */
  readonly waitMs: number;
  /** What is said in place of an answer that takes longer. */
  readonly late: T;
}

interface Asked<T> {
  /** What the question was about: of something else, it is another question. */
  readonly about: string;
  readonly askedAt: number;
  answeredAt: number | undefined;
  /** Resolves in time, whatever becomes of the question. */
  answer: Promise<T>;
}

/** A question that was never answered is not asked again at once: it may hang as long as the first. */
const GIVEN_UP_AFTER_MS = 60_000;

export class SharedAnswers<T> {
  readonly #options: SharedAnswersOptions<T>;
  readonly #asked = new Map<string, Asked<T>>();

  constructor(options: SharedAnswersOptions<T>) {
    this.#options = options;
  }

  /** @param ask must not reject */
  of(id: string, about: string, ask: () => Promise<T>): Promise<T> {
    const before = this.#asked.get(id);
    if (before !== undefined && before.about === about && this.#isGood(before)) return before.answer;
    const asking = ask();
    const asked: Asked<T> = {
      about,
      askedAt: performance.now(),
      answeredAt: undefined,
      answer: this.#inTime(asking),
    };
    void asking.then(() => {
      asked.answeredAt = performance.now();
      // Also what came too late for those who waited.
      asked.answer = asking;
    });
    this.#asked.set(id, asked);
    return asked.answer;
  }

  /** All others are forgotten. */
  keepOnly(ids: ReadonlySet<string>): void {
    for (const id of this.#asked.keys()) if (!ids.has(id)) this.#asked.delete(id);
  }

  #isGood({ askedAt, answeredAt }: Asked<T>): boolean {
    const now = performance.now();
    return answeredAt === undefined ? now - askedAt < GIVEN_UP_AFTER_MS : now - answeredAt < this.#options.keepMs;
  }

  async #inTime(asking: Promise<T>): Promise<T> {
    const { waitMs, late } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<T>((resolve) => {
      timer = setTimeout(resolve, waitMs, late).unref();
    });
    try {
      return await Promise.race([asking, over]);
    } finally {
      clearTimeout(timer);
    }
  }
}
