import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Recorded {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Stands where a replica would and writes down what reaches it; answers 200 unless told otherwise. */
export interface Recorder {
  readonly port: number;
  readonly seen: Recorded[];
  /** What it does with a request it has read in full. */
  answer: (req: IncomingMessage, res: ServerResponse) => void;
  close(): Promise<void>;
}

export async function startRecorder(name: string): Promise<Recorder> {
  const seen: Recorded[] = [];
  // Longer than nginx keeps an idle connection, as the product's own listener.
  const server = createServer({ keepAliveTimeout: 65_000 }, async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    seen.push({
      method: req.method ?? '',
      url: req.url ?? '',
      headers: req.headers,
      body: Buffer.concat(chunks).toString(),
    });
    recorder.answer(req, res);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const recorder: Recorder = {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    seen,
    answer: (_req, res) => res.end(name),
    async close() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return recorder;
}
