/** What a server that cannot serve for now answers with: too many requests (429), overloaded or about to restart (503). */
type HoldOffStatus = 429 | 503;

/** The server answered, and wants the same asked later: the connection and the session are as good as before. */
export class HoldOff extends Error {
  override readonly name = 'HoldOff';
  readonly status: HoldOffStatus;
  /** From `Retry-After`; undefined when it names no seconds. */
  readonly waitMs: number | undefined;

  constructor(status: HoldOffStatus, waitMs: number | undefined) {
    super(`HTTP ${status}`);
    this.status = status;
    this.waitMs = waitMs;
  }

  /** What it means, for the person at the terminal. */
  get meaning(): string {
    return this.status === 429 ? 'pedidos demais' : 'reiniciando ou sobrecarregado';
  }
}

/** `fetch` for the SDK's transport, whose own error does not carry `Retry-After`. Throws `HoldOff` for a refused POST. */
export async function fetchUnlessHeldOff(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  const { status } = response;
  if (init?.method !== 'POST' || (status !== 429 && status !== 503)) return response;
  await response.body?.cancel();
  throw new HoldOff(status, toldMs(response.headers.get('retry-after')));
}

function toldMs(retryAfter: string | null): number | undefined {
  return retryAfter !== null && /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * 1_000 : undefined;
}
