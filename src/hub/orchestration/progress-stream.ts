import type { Outcome, Progress } from './trace.ts';

export type ProgressEvent = Progress | { readonly event: 'outcome'; readonly data: Outcome };

/** The work's progress as it comes, and its outcome at the end; a failure of the work is thrown to who listens. */
export async function* progressStream(
  work: (emit: (progress: Progress) => void) => Promise<Outcome>,
): AsyncGenerator<ProgressEvent> {
  const waiting: ProgressEvent[] = [];
  let wake = (): void => {};
  let ended = false;
  const working = work((progress) => {
    waiting.push(progress);
    wake();
  }).finally(() => {
    ended = true;
    wake();
  });
  // Its failure is told below, after what came before it.
  working.catch(() => {});
  for (;;) {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) yield next;
    if (ended) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
  yield { event: 'outcome', data: await working };
}
