/** A door before a port, on a port of its own: it can be shut, and led to another program. */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Gate {
  readonly origin: string;
  leadTo(port: number): void;
  /** Connections break, and new ones too. */
  shut(): void;
  open(): void;
  close(): Promise<void>;
}

export async function openGate(port: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  let target = port;
  let shut = false;
  const server = createServer((socket) => {
    if (shut) {
      socket.destroy();
      return;
    }
    const onward = connect(target, '127.0.0.1');
    for (const one of [socket, onward]) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        socket.destroy();
        onward.destroy();
      });
    }
    socket.pipe(onward);
    onward.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    origin: `http://127.0.0.1:${address.port}`,
    leadTo(port) {
      target = port;
    },
    shut() {
      shut = true;
      breakAll();
    },
    open() {
      shut = false;
    },
    async close() {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
