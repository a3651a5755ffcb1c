/** Preloaded into the peers, some of which listen on every address: whatever they ask for, they listen on 127.0.0.1. */
import { Server } from 'node:net';

const listen = Server.prototype.listen;
const onLoopback = (args: readonly unknown[]): unknown[] => {
  const [first, ...rest] = args;
  if (typeof first === 'object' && first !== null && 'port' in first) return [{ ...first, host: '127.0.0.1' }, ...rest];
  if (!/^\d+$/.test(String(first))) return [...args];
  return [{ port: Number(first), host: '127.0.0.1' }, ...rest.filter((one) => typeof one === 'function')];
};
Reflect.set(Server.prototype, 'listen', function patched(this: Server, ...args: unknown[]): unknown {
  return Reflect.apply(listen, this, onLoopback(args));
});
