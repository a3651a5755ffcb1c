/** Faults of the connection itself: resets, slowness, compression and size. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { toJson } from '../wire.ts';
import { type Fault, jsonHeaders, send } from './exchange.ts';

const MEGABYTE = 1_048_576;

/** Connection reset before any byte. With `processed`, the call took effect and only its answer is lost. */
export const resetBeforeHeaders = (options: { processed?: boolean } = {}): Fault => ({
  kind: 'resetBeforeHeaders',
  act: (exchange) => {
    if (options.processed) exchange.answer();
    exchange.request.socket.resetAndDestroy();
  },
});

/** Headers and half of the body, then a reset. */
export const resetMidBody = (): Fault => ({
  kind: 'resetMidBody',
  act: async ({ answer, request, response, sleep }) => {
    const body = toJson(answer());
    await writeHalf(response, body);
    // Let the half reach the client before the reset overtakes it.
    await sleep(60);
    request.socket.resetAndDestroy();
  },
});

/** The length promises more than comes; the connection ends politely. */
export const shortLength = (): Fault => ({
  kind: 'shortLength',
  act: async ({ answer, request, response }) => {
    await writeHalf(response, toJson(answer()));
    request.socket.end();
  },
});

export const slowHeaders = (ms: number): Fault => ({
  kind: 'slowHeaders',
  act: async ({ answer, response, sleep }) => {
    await sleep(ms);
    send(response, 200, jsonHeaders, toJson(answer()));
  },
});

/** One byte at a time. */
export const trickle = (msPerByte = 1_000): Fault => ({
  kind: 'trickle',
  act: async ({ answer, response, sleep }) => {
    const body = Buffer.from(toJson(answer()));
    response.writeHead(200, { ...jsonHeaders, 'content-length': body.length });
    for (let index = 0; index < body.length && !response.destroyed; index += 1) {
      response.write(body.subarray(index, index + 1));
      await sleep(msPerByte);
    }
    response.end();
  },
});

/** A body of `bytes`, streamed; valid JSON to the end for whoever keeps reading. */
export const hugeBody = (bytes: number): Fault => ({
  kind: 'hugeBody',
  act: async ({ response }) => {
    response.writeHead(200, jsonHeaders);
    response.write('{"descricao":"');
    await pour(response, Buffer.alloc(Math.min(MEGABYTE, Math.max(1, bytes)), 'a'), bytes);
    response.end('"}');
  },
});

/** A few kilobytes that unpack to `bytes`: many gzip members of one megabyte of blanks each. */
export const gzipBomb = (bytes = 200 * MEGABYTE): Fault => ({
  kind: 'gzipBomb',
  act: async ({ response }) => {
    response.writeHead(200, { ...jsonHeaders, 'content-encoding': 'gzip' });
    const member = gzipSync(Buffer.alloc(MEGABYTE, ' '));
    await pour(response, member, Math.ceil(bytes / MEGABYTE) * member.length);
    response.end(gzipSync('{}'));
  },
});

/** Says gzip, and the stream breaks in the middle. */
export const corruptGzip = (): Fault => ({
  kind: 'corruptGzip',
  act: ({ answer, response }) => {
    const packed = gzipSync(toJson(answer()));
    packed.fill(0xff, Math.floor(packed.length / 2));
    send(response, 200, { ...jsonHeaders, 'content-encoding': 'gzip' }, packed);
  },
});

/** Answers well; the next request on the same connection meets a closed door, as when a server drops an idle socket. */
export const keepAliveRace = (): Fault => ({
  kind: 'keepAliveRace',
  act: ({ answer, request, response }) => {
    doomedSockets.add(request.socket);
    send(response, 200, jsonHeaders, toJson(answer()));
  },
});

export const doomedSockets = new WeakSet<object>();

async function writeHalf(response: ServerResponse, body: string): Promise<void> {
  const bytes = Buffer.from(body);
  response.writeHead(200, { ...jsonHeaders, 'content-length': bytes.length });
  await new Promise<void>((resolve) => response.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), () => resolve()));
}

/** Writes `chunk` again and again up to `total` bytes, at the reader's pace. */
async function pour(response: ServerResponse, chunk: Buffer, total: number): Promise<void> {
  for (let sent = 0; sent < total && !response.destroyed; sent += chunk.length) {
    if (!response.write(chunk.subarray(0, Math.min(chunk.length, total - sent)))) {
      // Whichever does not come would listen on; eleven of them make Node warn of a leak.
      const waited = new AbortController();
      const { signal } = waited;
      await Promise.race([once(response, 'drain', { signal }), once(response, 'close', { signal })]);
      waited.abort();
    }
  }
}
