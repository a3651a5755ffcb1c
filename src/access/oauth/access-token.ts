import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';

/** Only signatures that nobody but the issuer can make: with HS256 our copy of a public key would sign. */
export const algorithms: readonly string[] = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];

/** Clocks of two machines differ by this much, and no more, seconds. */
export const CLOCK_TOLERANCE_SECONDS = 5;

/** RFC 9068 §2.1; `JWT` and nothing are what issuers older than it write. An ID token fails by its audience. */
const TYPES: ReadonlySet<string> = new Set(['at+jwt', 'application/at+jwt', 'jwt', '']);

const texts = z.union([z.string().transform((text) => text.split(' ')), z.array(z.string())]);
const claimsSchema = z.object({
  exp: z.number(),
  sub: z.string().min(1).max(256).optional(),
  client_id: z.string().min(1).max(256).optional(),
  azp: z.string().min(1).max(256).optional(),
  scope: texts.optional(),
  /** Where some issuers put the scopes. */
  scp: texts.optional(),
});

export interface AccessClaims {
  readonly subject: string;
  readonly client: string;
  readonly scopes: readonly string[];
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

export interface Expected {
  readonly issuer: string;
  readonly audience: string;
}

/** Whether a token could be one of the issuer's, told without any key: what is not need not cost a request to it. */
export function mayBeFrom(token: string, issuer: string): boolean {
  try {
    const { alg, typ = '' } = decodeProtectedHeader(token);
    return algorithms.includes(alg ?? '') && TYPES.has(typ.toLowerCase()) && decodeJwt(token).iss === issuer;
  } catch {
    return false;
  }
}

/** The claims of a good access token, undefined for a bad one (RFC 9068 §4). @throws when the keys cannot be had. */
export async function readAccessToken(
  token: string,
  keys: JWTVerifyGetKey,
  { issuer, audience }: Expected,
  now: number,
): Promise<AccessClaims | undefined> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience,
      algorithms: [...algorithms],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp'],
      currentDate: new Date(now),
    });
    return claimsOf(payload);
  } catch (error) {
    if (isBadToken(error)) return undefined;
    throw error;
  }
}

function claimsOf(payload: JWTPayload): AccessClaims | undefined {
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) return undefined;
  const { exp, sub, client_id, azp, scope, scp } = parsed.data;
  const client = client_id ?? azp ?? '';
  const subject = sub ?? client;
  if (subject === '') return undefined;
  const scopes = (scope ?? scp ?? []).filter((text) => text !== '');
  return { subject, client, scopes, expiresAt: (exp + CLOCK_TOLERANCE_SECONDS) * 1_000 };
}

/** The token's own fault. Anything else is taken for the issuer's: it must not open the door, nor blame the caller. */
function isBadToken(error: unknown): boolean {
  return [
    errors.JWTClaimValidationFailed,
    errors.JWTExpired,
    errors.JWTInvalid,
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
  ].some((known) => error instanceof known);
}
