/** The hub's sandboxes at E2B, through E2B's own SDK, which is loaded when it is first asked for. Known by their labels. */
import type { Sandbox, SandboxInfo } from 'e2b';
import type { Secret } from '../../logging/secret.ts';
import { HubError } from '../problem.ts';
import { hubIdOf, readHubId } from './hub-id.ts';

export interface E2bSettings {
  /** Undefined: switched off. */
  readonly apiKey: Secret | undefined;
  /** Undefined: E2B's own. */
  readonly apiUrl?: string | undefined;
  /** One address for all sandboxes, told apart by headers. Undefined: each has a host of its own. */
  readonly sandboxUrl?: string | undefined;
}

/** How long a sandbox lives that nobody extends: what a hub that was killed leaves running. */
export const LIFETIME_MS = 15 * 60_000;
const REQUEST_TIMEOUT_MS = 30_000;
const HUB = 'omie-mcp-hub';
const SERVER = 'omie-mcp-hub-server';
const START = 'omie-mcp-hub-start';

export class E2bSandboxes {
  readonly #settings: E2bSettings;
  readonly #dataDir: string;
  #sdk: Promise<typeof Sandbox> | undefined;

  /** @param dataDir HUB_DATA_DIR, absolute: sandboxes of other hubs with the same key are left alone */
  constructor(settings: E2bSettings, dataDir: string) {
    this.#settings = settings;
    this.#dataDir = dataDir;
  }

  get isOn(): boolean {
    return this.#settings.apiKey !== undefined;
  }

  /** Why none can be had here; undefined when they can. */
  async unusable(): Promise<string | undefined> {
    if (!this.isOn) return 'Falta a chave do E2B; defina E2B_API_KEY (ou E2B_API_KEY_FILE).';
    return this.#load().then(
      () => undefined,
      (thrown: unknown) =>
        thrown instanceof HubError ? `${thrown.message} ${thrown.hint}` : 'O pacote e2b não pôde ser carregado.',
    );
  }

  /** A new one. Its ports answer only to those who hold its token. @param start names it for {@link killStart} @throws HubError */
  create(server: string, start: string, signal: AbortSignal): Promise<Sandbox> {
    return this.#ask(async (sdk) => {
      const made = await sdk.create({
        ...this.#options(signal),
        metadata: { [HUB]: await hubIdOf(this.#dataDir), [SERVER]: server, [START]: start },
        timeoutMs: LIFETIME_MS,
        network: { allowPublicTraffic: false },
      });
      if (made.trafficAccessToken !== undefined) return made;
      await made.kill();
      throw new HubError('fonte_indisponivel', 'O E2B abriu a sandbox a qualquer um: ela foi encerrada.', {
        hint: 'Atualize o pacote e2b: npm install e2b@2.',
      });
    });
  }

  /** The one of a server that runs still, extended. @throws HubError */
  async find(server: string, signal: AbortSignal): Promise<Sandbox | undefined> {
    const [found] = await this.#list({ [SERVER]: server });
    if (found === undefined) return undefined;
    return this.#ask(async (sdk) => {
      try {
        return await sdk.connect(found.sandboxId, { ...this.#options(signal), timeoutMs: LIFETIME_MS });
      } catch (thrown) {
        if (isGone(thrown)) return undefined;
        throw thrown;
      }
    });
  }

  /** @returns false when it is gone. @throws HubError */
  extend(sandboxId: string): Promise<boolean> {
    return this.#ask(async (sdk) => {
      try {
        await sdk.setTimeout(sandboxId, LIFETIME_MS, this.#options());
        return true;
      } catch (thrown) {
        if (isGone(thrown)) return false;
        throw thrown;
      }
    });
  }

  /** Ends all of a server. @throws HubError */
  async kill(server: string): Promise<void> {
    await this.#end(await this.#list({ [SERVER]: server }));
  }

  /** Ends the one that a start made, also where that start was called off before it was told so. @throws HubError */
  async killStart(start: string): Promise<void> {
    await this.#end(await this.#list({ [START]: start }));
  }

  /** Ends those of this hub whose servers nobody knows. @throws HubError */
  async killAllBut(known: ReadonlySet<string>): Promise<void> {
    const hub = await readHubId(this.#dataDir);
    if (hub === undefined) return;
    const all = await this.#list({ [HUB]: hub });
    await this.#end(all.filter(({ metadata }) => !known.has(metadata[SERVER] ?? '')));
  }

  #end(sandboxes: readonly SandboxInfo[]): Promise<void> {
    return this.#ask(async (sdk) => {
      for (const { sandboxId } of sandboxes) await sdk.kill(sandboxId, this.#options());
    });
  }

  #list(metadata: Record<string, string>): Promise<SandboxInfo[]> {
    return this.#ask(async (sdk) => {
      const pages = sdk.list({ ...this.#options(), query: { metadata } });
      const all: SandboxInfo[] = [];
      while (pages.hasNext) all.push(...(await pages.nextItems()));
      // What is killed is judged here too: a service that ignores the filter would name those of others.
      return all.filter((one) => Object.entries(metadata).every(([key, value]) => one.metadata[key] === value));
    });
  }

  /** Said in full: the SDK reads what is missing from the environment. */
  #options(signal?: AbortSignal) {
    const { apiKey, apiUrl, sandboxUrl } = this.#settings;
    return {
      apiKey: apiKey?.reveal() ?? '',
      debug: false,
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      ...(apiUrl === undefined ? {} : { apiUrl }),
      ...(sandboxUrl === undefined ? {} : { sandboxUrl }),
      ...(signal === undefined ? {} : { signal }),
    };
  }

  /** @throws HubError in our own words: what E2B says may hold anything */
  async #ask<T>(work: (sdk: typeof Sandbox) => Promise<T>): Promise<T> {
    const sdk = await this.#load();
    return work(sdk).catch((thrown: unknown) => {
      throw e2bError(thrown);
    });
  }

  #load(): Promise<typeof Sandbox> {
    this.#sdk ??= import('e2b').then(
      ({ Sandbox: sdk }) => sdk,
      (cause: unknown) => {
        // It may be installed by the next time.
        this.#sdk = undefined;
        throw new HubError('nao_configurado', 'Falta o pacote e2b.', {
          hint: 'Instale-o ao lado do hub: npm install e2b@2.',
          cause,
        });
      },
    );
    return this.#sdk;
  }
}

/** The sandbox, or the command in it. By name: the classes are the SDK's, which may not be there. */
export function isGone(thrown: unknown): boolean {
  return thrown instanceof Error && (thrown.name === 'NotFoundError' || thrown.name === 'SandboxNotFoundError');
}

/** What the SDK threw, in our own words; an abort and what is ours already stay. */
export function e2bError(thrown: unknown): unknown {
  if (thrown instanceof HubError || !(thrown instanceof Error) || thrown.name === 'AbortError') return thrown;
  if (thrown.name === 'AuthenticationError') {
    return new HubError('nao_configurado', 'O E2B recusou a chave.', { hint: 'Confira E2B_API_KEY.', cause: thrown });
  }
  const busy = thrown.name === 'RateLimitError' || thrown.name === 'ServiceBusyError';
  return new HubError('fonte_indisponivel', busy ? 'O E2B limita os pedidos agora.' : 'O E2B não atendeu o pedido.', {
    hint: 'Repita em instantes; o log do hub diz mais.',
    cause: thrown,
  });
}
