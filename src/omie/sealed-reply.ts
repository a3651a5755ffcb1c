/** A reply as it lies in the database: packed, and sealed with a key that only the company's app_secret gives. */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { deflateRaw, inflateRaw } from 'node:zlib';
import type { PostReply } from './post.ts';
import { MAX_BODY_BYTES } from './read-body.ts';

type SoundReply = Pick<PostReply, 'status' | 'text'>;

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const STATUS_BYTES = 2;
/** It is read once or twice and lives for a minute: speed before size. */
const pack = (plain: Buffer): Promise<Buffer> => promisify(deflateRaw)(plain, { level: 1 });
const unpack = (packed: Buffer): Promise<Buffer> =>
  promisify(inflateRaw)(packed, { maxOutputLength: MAX_BODY_BYTES + STATUS_BYTES });

/** `question` is sealed with it: a reply cannot be moved to another question. */
export async function sealReply({ status, text }: SoundReply, key: Buffer, question: string): Promise<Buffer> {
  const head = Buffer.alloc(STATUS_BYTES);
  head.writeUInt16BE(status);
  const packed = await pack(Buffer.concat([head, Buffer.from(text)]));
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(Buffer.from(question));
  const sealed = Buffer.concat([cipher.update(packed), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
}

/** Undefined for what was not sealed with this key for this question. */
export async function openReply(body: Buffer, key: Buffer, question: string): Promise<SoundReply | undefined> {
  try {
    const decipher = createDecipheriv(CIPHER, key, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(question)).setAuthTag(body.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const packed = Buffer.concat([decipher.update(body.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    const plain = await unpack(packed);
    return { status: plain.readUInt16BE(), text: plain.toString('utf8', STATUS_BYTES) };
  } catch {
    return undefined;
  }
}
