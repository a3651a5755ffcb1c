import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Secret scanners know a leaked token by this. */
const PREFIX = 'omcp_';
const RANDOM_BYTES = 32;

/** 256 random bits; the file keeps only their digest, which says nothing about them. */
export function newToken(): string {
  return PREFIX + randomBytes(RANDOM_BYTES).toString('base64url');
}

/** SHA-256 of the token as it is sent. Fast on purpose: there is nothing to guess in 256 random bits. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** In a time that does not depend on where they differ. */
export function sameDigest(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
