/** A `fetch` for a client's transport, and a promise kept once the stream it opens by GET has begun. */
export function streamOpened(): { readonly fetch: typeof fetch; readonly opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return {
    opened,
    fetch: async (address, init) => {
      const response = await fetch(address, init);
      if ((init?.method ?? 'GET') === 'GET' && response.ok) open();
      return response;
    },
  };
}
