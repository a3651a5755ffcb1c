/**
 * What a server says of a failure may repeat what it was given: under any name a value may be a secret. Its results are its
 * own to word; where it fails, it was given these and no others.
 */
import { SecretScrubber } from '../../logging/redact.ts';
import { withoutSecrets } from '../../server/without-secrets.ts';

/** Names and values of variables. */
type Env = Readonly<Record<string, string>>;

export function withoutValues(text: string, env: Env): string {
  return scrubOf(env)(text);
}

/** JSON stays JSON. */
export function jsonWithoutValues(json: string, env: Env): string {
  return withoutSecrets(json, scrubOf(env));
}

/** Of long values they take a while to make, and a server with an error is shown several times a second. */
const scrubs = new WeakMap<Env, (text: string) => string>();

function scrubOf(env: Env): (text: string) => string {
  const known = scrubs.get(env);
  if (known !== undefined) return known;
  const scrubber = new SecretScrubber();
  scrubber.register(...Object.values(env));
  const scrub = (text: string): string => scrubber.scrub(text);
  scrubs.set(env, scrub);
  return scrub;
}
