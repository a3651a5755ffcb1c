/** Names of images, as `safety/source-grammar.ts` lets them through: `[registry/]path[:tag][@sha256:…]`. */

export interface ImageName {
  /** With its registry, without tag and digest. */
  readonly repository: string;
  readonly tag: string | undefined;
  /** `sha256:…` */
  readonly digest: string | undefined;
}

export function imageName(text: string): ImageName {
  const [plain = '', digest] = text.split('@');
  const colon = plain.indexOf(':', plain.lastIndexOf('/'));
  return colon === -1
    ? { repository: plain, tag: undefined, digest }
    : { repository: plain.slice(0, colon), tag: plain.slice(colon + 1), digest };
}

/** The host that is asked for it, by Docker's rule: a first part with a dot or a port is one, and so is `localhost`. */
export function registryOf(repository: string): string {
  const [first = '', ...rest] = repository.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost && first !== 'docker.io' ? first : 'registry-1.docker.io';
}
