const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** npm hands its own on to the program that got it from the terminal already: one Ctrl-C comes twice. */
const SAME_STOP_MS = 1_000;

/**
 * Resolves at the first SIGINT or SIGTERM, with its name. What comes right behind it is the same stop; one after that ends
 * the process at once, as it would without us.
 */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const hear = (signal: NodeJS.Signals): void => {
      resolve(signal);
      setTimeout(() => {
        for (const each of SIGNALS) process.off(each, hear);
      }, SAME_STOP_MS).unref();
    };
    for (const signal of SIGNALS) process.on(signal, hear);
  });
}
