import { hkdfSync, randomBytes } from 'node:crypto';
import type { SharedStore } from '../../coordination/coordination.ts';
import type { HandleKeyring } from './handles.ts';

const NAME = 'domain-handle-key';
const PURPOSE = 'omie-mcp-hub domain handles';

/**
 * The key of domain handles that all replicas have. What they agree on is random, and the key comes from it and from the
 * database's password together: neither who reads the database nor who knows the password alone can make handles. Until
 * the replicas can agree this process signs with a key of its own, and goes on accepting what it signed.
 */
export class SharedHandleKeys implements HandleKeyring {
  readonly #store: Pick<SharedStore, 'agree'>;
  readonly #password: string;
  /** Base64url of 32 random bytes: a proposal until the others have agreed. */
  #seed = randomBytes(32).toString('base64url');
  #accepted: readonly Uint8Array[];

  constructor(store: Pick<SharedStore, 'agree'>, password: string) {
    this.#store = store;
    this.#password = password;
    this.#accepted = [this.#derive(this.#seed)];
  }

  get current(): Uint8Array {
    return this.#accepted[0] ?? this.#derive(this.#seed);
  }

  get accepted(): readonly Uint8Array[] {
    return this.#accepted;
  }

  /** Asks what the replicas agreed on; to be called again whenever they may hear each other anew. Never throws. */
  async refresh(): Promise<void> {
    const agreed = await this.#store.agree(NAME, this.#seed);
    if (agreed === undefined || agreed === this.#seed) return;
    this.#accepted = [this.#derive(agreed), this.current];
    this.#seed = agreed;
  }

  #derive(seed: string): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', seed, this.#password, PURPOSE, 32));
  }
}
