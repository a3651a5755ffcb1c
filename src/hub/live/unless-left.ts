/** What a question comes to; undefined when whoever wanted to know left first, and then its failure is nobody's. */
export function unlessLeft<T>(asking: T | PromiseLike<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const leave = (): void => resolve(undefined);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    Promise.resolve(asking)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', leave));
  });
}
