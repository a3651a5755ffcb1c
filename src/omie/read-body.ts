/** Gathers a response body: unpacks it as it comes, stops at the cap, and insists on UTF-8. */
import { isUtf8 } from 'node:buffer';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { OmieFault } from './faults.ts';

/** Bytes after unpacking. Omie's heaviest pages are near 1 MB; more than this is a bomb or a mistake. */
export const MAX_BODY_BYTES = 20 * 1_048_576;

/** Node's 16 KB would cost a thousand trips to the thread pool for the largest body. */
const UNPACKED_CHUNK_BYTES = 131_072;

export interface BodyReader {
  write(chunk: Buffer): void;
  /** No more bytes will come. */
  end(): void;
  /** Drops what was gathered. */
  destroy(): void;
}

interface Listener {
  /** Packed bytes are still turning into plain ones. */
  alive(): void;
  done(text: string): void;
  failed(fault: OmieFault): void;
}

export function createBodyReader(encoding: string | undefined, listener: Listener): BodyReader {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const keep = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      listener.failed(new OmieFault('bad-response', 'The body is over 20 MB.', { retryable: false }));
    else chunks.push(chunk);
  };
  const finish = (): void => {
    const [only] = chunks;
    const body = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks);
    if (isUtf8(body)) listener.done(body.toString('utf8'));
    else listener.failed(new OmieFault('bad-response', 'The body is not UTF-8.'));
  };
  const coding = encoding?.trim().toLowerCase() ?? '';
  if (coding === '' || coding === 'identity') {
    return { write: keep, end: finish, destroy: () => chunks.splice(0) };
  }
  const unpacker = unpackerFor(coding);
  if (unpacker === undefined) {
    listener.failed(new OmieFault('bad-response', 'The body has an unknown encoding.'));
    return { write: () => {}, end: () => {}, destroy: () => {} };
  }
  unpacker.on('data', (chunk: Buffer) => {
    listener.alive();
    keep(chunk);
  });
  unpacker.on('end', finish);
  unpacker.on('error', (cause) =>
    listener.failed(new OmieFault('bad-response', 'The body does not unpack.', { cause })),
  );
  return {
    write: (chunk) => {
      if (!unpacker.destroyed) unpacker.write(chunk);
    },
    end: () => {
      if (!unpacker.destroyed) unpacker.end();
    },
    destroy: () => {
      chunks.splice(0);
      unpacker.destroy();
    },
  };
}

function unpackerFor(coding: string) {
  switch (coding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip({ chunkSize: UNPACKED_CHUNK_BYTES });
    case 'br':
      return createBrotliDecompress({ chunkSize: UNPACKED_CHUNK_BYTES });
    case 'deflate':
      return createInflate({ chunkSize: UNPACKED_CHUNK_BYTES });
    default:
      return undefined;
  }
}
