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
  /** Stops accepting at once and answers what still comes over the connections there are. */
  leave(): void;
  /** Stops accepting; resolves when every connection is gone. */
  close(): Promise<void>;
  /** Cuts whatever connection is left. */
  closeAll(): void;
}

/**
 * Opens the main port and the extra ones, all or none.
 *
 * @throws the system's error when a port cannot be had; those opened before it are closed again.
 */
export async function openDoors(plan: DoorPlan, handlerFor: (doors: Doors) => RequestListener): Promise<OpenDoors> {
  const wanted: { port: number; doors: Doors }[] = [
    { port: plan.port, doors: { http: plan.http, sse: plan.sse, rest: true } },
  ];
  if (plan.ssePort !== undefined && plan.sse)
    wanted.push({ port: plan.ssePort, doors: { http: false, sse: true, rest: false } });
  if (plan.httpPort !== undefined && plan.http)
    wanted.push({ port: plan.httpPort, doors: { http: true, sse: false, rest: false } });

  const open: Listener[] = [];
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
    for (const { port, doors } of wanted) open.push(await listen(handlerFor(doors), { ...plan, port }));
  } catch (error) {
    await close();
    throw error;
  }
  return { port: open[0]?.port ?? plan.port, leave, close, closeAll };
}
