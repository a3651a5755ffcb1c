import { writeFile } from 'node:fs/promises';
import { Command } from 'commander';
import { ConfigurationError } from '../errors.ts';
import { portProblem } from '../http/port-problem.ts';
import { type Simulator, startSimulator } from '../simulator/server.ts';
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
      const simulator = await start(options);
      if (options.credentialsOut !== undefined) {
        await writeCredentials(options.credentialsOut, simulator.credentialsFile()).catch(async (error: unknown) => {
          await simulator.close();
          throw error;
        });
      }
      process.stdout.write(`${simulator.url}\n`);
      process.stderr.write(`Simulador do Omie com ${options.companies} empresa(s). Ctrl+C encerra.\n`);
      await untilStopped();
      await simulator.close();
    });
}

async function start({ port, host, companies, seed, latency }: SimulateOptions): Promise<Simulator> {
  try {
    return await startSimulator({ port, host, companies, seed, latencyMs: latency });
  } catch (error) {
    const reason = portProblem(error);
    if (reason === undefined) throw error;
    throw new ConfigurationError(
      `A porta ${port} em ${host} não pôde ser aberta (${reason}). Escolha outra com --port; 0 pega uma livre.`,
    );
  }
}

async function writeCredentials(file: string, credentials: unknown): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(credentials, null, 2)}\n`, { mode: 0o600 });
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new ConfigurationError(
      `O arquivo de --credentials-out não pôde ser gravado${reason}: indique um arquivo numa pasta em que se possa escrever.`,
    );
  }
}

interface SimulateOptions {
  readonly port: number;
  readonly host: string;
  readonly companies: number;
  readonly seed: number;
  readonly latency: number;
  readonly credentialsOut?: string;
}
