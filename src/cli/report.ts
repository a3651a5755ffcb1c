import { Command } from 'commander';
import { runReport } from '../clients/http-report.ts';
import { type ClientEnvironment, readCompanies, readUrl, withInterrupt } from './client-options.ts';

interface ReportFlags {
  readonly url: string;
  readonly companies?: string[];
  readonly token?: string;
  readonly json: boolean;
}

/** `report`: every company in parallel over Streamable HTTP, a table (or JSON) at the end. */
export function reportCommand(environment: ClientEnvironment = {}): Command {
  return new Command('report')
    .description('consulta todas as empresas em paralelo (Streamable HTTP) e mostra os vencidos em uma tabela')
    .requiredOption('--url <url>', 'endereço do servidor, por exemplo http://127.0.0.1:8000/mcp', readUrl)
    .option('--companies <ids>', 'somente estas empresas (ids separados por vírgula)', readCompanies)
    .option('--token <token>', 'token de acesso (padrão: MCP_AUTH_TOKEN)')
    .option('--json', 'imprime um documento JSON em vez da tabela', false)
    .action(async ({ url, companies, token = environment.token, json }: ReportFlags) => {
      const { stdout: out, stderr: err } = process;
      const { exitCode } = await withInterrupt((signal) =>
        runReport({ url, companies, token, json, out, err, signal }),
      );
      process.exitCode = exitCode;
    });
}
