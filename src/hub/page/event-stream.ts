/** Reads `text/event-stream` from a response: EventSource cannot send a token, and an address must not hold one. */

export interface StreamedEvent {
  readonly event: string;
  readonly data: string;
}

/** The server sends a comment every 15 s: three missed ones are a dead connection. */
const SILENCE_MS = 45_000;

/** @throws what the stream throws, or an Error when nothing came for {@link SILENCE_MS} */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamedEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read());
      if (done) return;
      const blocks = (rest + decoder.decode(value, { stream: true })).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const read = parseBlock(block);
        if (read !== undefined) yield read;
      }
    }
  } finally {
    // Whoever stops listening hangs up.
    reader.cancel().catch(() => {});
  }
}

function parseBlock(block: string): StreamedEvent | undefined {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('event: ')) event = line.slice(7);
    else if (line.startsWith('data: ')) data.push(line.slice(6));
  }
  return data.length === 0 ? undefined : { event, data: data.join('\n') };
}

function inTime<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('silent stream')), SILENCE_MS);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
