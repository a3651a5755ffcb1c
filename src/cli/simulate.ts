import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { startSimulator } from '../simulator/server.ts';
import { integer } from './integer.ts';
import { untilStopped } from './until-stopped.ts';

/** The Omie simulator alone: for trying the server, writing examples and breaking things safely. */
export function simulateCommand(): Command {
  return new Command()
    .option('--port <porta>', 'porta (0 = qualquer livre)', integer(0, 65_535), 0)
    .option('--host <endereço>', 'endereço em que escuta', '127.0.0.1')
    .option('--companies <n>', 'quantas empresas', integer(1, 500), 3)
    .option('--seed <n>', 'semente dos dados', integer(0, 2 ** 31), 1)
    .option('--latency <ms>', 'demora de cada resposta, em ms', integer(0, 60_000), 0)
    .option('--credentials-out <arquivo>', 'grava um arquivo de credenciais que combina')
    .action(async (options: SimulateOptions) => {
      const simulator = await startSimulator({
        port: options.port,
        host: options.host,
        companies: options.companies,
        seed: options.seed,
        latencyMs: options.latency,
      });
      if (options.credentialsOut !== undefined) {
        const text = `${JSON.stringify(simulator.credentialsFile(), null, 2)}\n`;
        await writeFile(options.credentialsOut, text, { mode: 0o600 });
      }
      process.stdout.write(`${simulator.url}\n`);
      process.stderr.write(`Simulador do Omie com ${options.companies} empresa(s). Ctrl+C encerra.\n`);
      await untilStopped();
      await simulator.close();
    });
}

interface SimulateOptions {
  readonly port: number;
  readonly host: string;
  readonly companies: number;
  readonly seed: number;
  readonly latency: number;
  readonly credentialsOut?: string;
}
