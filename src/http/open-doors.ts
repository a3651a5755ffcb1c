import type { Doors, RequestListener } from './app.ts';
import { type Listener, listen } from './listen.ts';

export interface DoorPlan {
  readonly host: string;
  readonly port: number;
  /** Extra listeners that serve one transport each. */
  readonly ssePort?: number | undefined;
  readonly httpPort?: number | undefined;
  readonly sse: boolean;
  readonly http: boolean;
  /** True when connections are a proxy's own. */
  readonly behindProxy: boolean;
}

export interface OpenDoors {
  /** The main port. */
  readonly port: number;
  /** Those of the extra listeners there are. */
  readonly extraPorts: { readonly ssePort?: number; readonly httpPort?: number };
  /** Stops accepting at once and answers what still comes over the connections there are. */
  leave(): void;
  /** Stops accepting; resolves when every connection is gone. */
  close(): Promise<void>;
  /** Cuts whatever connection is left. */
  closeAll(): void;
}

const onlySse: Doors = { http: false, sse: true, rest: false };
const onlyHttp: Doors = { http: true, sse: false, rest: false };

/**
 * Opens the main port and the extra ones, all or none.
 *
 * @throws the system's error when a port cannot be had; those opened before it are closed again.
 */
export async function openDoors(plan: DoorPlan, handlerFor: (doors: Doors) => RequestListener): Promise<OpenDoors> {
  const { ssePort, httpPort } = plan;
  const open: Listener[] = [];
  const openDoor = async (port: number, doors: Doors): Promise<number> => {
    const listener = await listen(handlerFor(doors), { ...plan, port });
    open.push(listener);
    return listener.port;
  };
  const close = async (): Promise<void> => {
    await Promise.all(open.map((listener) => listener.close()));
  };
  const leave = (): void => {
    for (const listener of open) listener.leave();
  };
  const closeAll = (): void => {
    for (const listener of open) listener.closeAll();
  };
  try {
    const port = await openDoor(plan.port, { http: plan.http, sse: plan.sse, rest: true });
    const sse = plan.sse && ssePort !== undefined && { ssePort: await openDoor(ssePort, onlySse) };
    const http = plan.http && httpPort !== undefined && { httpPort: await openDoor(httpPort, onlyHttp) };
    return { port, extraPorts: { ...sse, ...http }, leave, close, closeAll };
  } catch (error) {
    await close();
    throw error;
  }
}
