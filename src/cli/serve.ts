import { Console } from 'node:console';
import { fstatSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import { startApp } from '../app.ts';
import { loadConfig } from '../config/load-config.ts';
import { CancelledError } from '../errors.ts';
import { type TransportName, transportNames } from '../house/transport-name.ts';
import { integer } from './integer.ts';
import { untilStopped } from './until-stopped.ts';

function parseTransports(value: string): readonly TransportName[] {
  const wanted = value.split(',').map((name) => name.trim());
  const chosen = transportNames.filter((name) => wanted.includes(name));
  if (chosen.length === 0 || chosen.length !== new Set(wanted).size) {
    throw new InvalidArgumentError(`use uma lista de: ${transportNames.join(', ')}.`);
  }
  return chosen;
}

interface ServeOptions {
  readonly transports: readonly TransportName[];
  readonly host?: string;
  readonly port?: number;
}

/** The server. Ends with exit code 0 after SIGTERM, SIGINT or the end of a stdio conversation. */
export function serveCommand(): Command {
  return new Command()
    .option('--transports <lista>', 'stdio, sse, http', parseTransports, transportNames)
    .option('--host <endereço>', 'endereço do HTTP (MCP_HOST)')
    .option('--port <porta>', 'porta do HTTP (MCP_PORT)', integer(0, 65_535))
    .action(async ({ transports, host, port }: ServeOptions) => {
      // stdout belongs to MCP: whatever a dependency prints goes to stderr.
      globalThis.console = new Console(process.stderr);
      // Before anything is up: a stop that comes during the start must end the start too, with 0.
      const stop = new AbortController();
      const stopAsked = untilStopped().then(() => stop.abort());
      const config = loadConfig({ flags: { MCP_HOST: host, MCP_PORT: port?.toString() } });
      const stdio = { stdin: process.stdin, stdout: process.stdout, piped: isPiped(0) };
      const options = { ...config, transports, ...(transports.includes('stdio') ? { stdio } : {}), stop: stop.signal };
      const app = await startApp(options).catch(unlessGivenUp);
      if (app !== undefined) {
        await Promise.race([stopAsked, app.finished]);
        await app.stop();
      }
      // Keep-alive sockets of clients and a half-read stdin would hold the process; everything of ours is closed.
      process.exit(0);
    });
}

/** A start that was given up is as good an end as any. */
function unlessGivenUp(thrown: unknown): undefined {
  if (!(thrown instanceof CancelledError)) throw thrown;
}

/** True when another program holds the other end, as desktop clients do; false for terminals, files and /dev/null. */
function isPiped(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}
