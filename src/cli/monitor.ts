import { Command } from 'commander';
import { runMonitor } from '../clients/sse-monitor.ts';
import { type ClientEnvironment, readCompanies, readInterval, readUrl, withInterrupt } from './client-options.ts';

interface MonitorFlags {
  readonly url: string;
  readonly companies?: string[];
  readonly interval: number;
  readonly once: boolean;
  readonly token?: string;
  readonly json: boolean;
}

/** `monitor`: categories and overdue titles of each company over HTTP+SSE, again and again. */
export function monitorCommand(environment: ClientEnvironment = {}): Command {
  return new Command('monitor')
    .description('acompanha categorias e vencidos de cada empresa por HTTP+SSE, de tempos em tempos')
    .requiredOption('--url <url>', 'endereço do servidor, por exemplo http://127.0.0.1:8000/sse', readUrl)
    .option('--companies <ids>', 'somente estas empresas (ids separados por vírgula)', readCompanies)
    .option('--interval <segundos>', 'tempo entre as rodadas', readInterval, 60)
    .option('--once', 'faz uma rodada e termina (0 se todas as empresas responderam)', false)
    .option('--token <token>', 'token de acesso (padrão: MCP_AUTH_TOKEN)')
    .option('--json', 'imprime um documento JSON por rodada, um por linha', false)
    .action(async ({ url, companies, interval, once, token = environment.token, json }: MonitorFlags) => {
      const { stdout: out, stderr: err } = process;
      const intervalSeconds = interval;
      const { exitCode } = await withInterrupt((signal) =>
        runMonitor({ url, companies, token, intervalSeconds, once, json, out, err, signal }),
      );
      process.exitCode = exitCode;
    });
}
