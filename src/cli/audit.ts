import { Command } from 'commander';
import { auditPath } from '../audit/audit-files.ts';
import { verifyAudit } from '../audit/verify-audit.ts';
import { loadConfig } from '../config/load-config.ts';
import { ConfigurationError } from '../errors.ts';

interface VerifyFlags {
  readonly head?: string;
  readonly after?: string;
}

/** `audit verify [FILE]`: exit 0 when every line is there as it was written, 1 with the first that is not. */
export function auditCommand(): Command {
  const verify = new Command('verify')
    .description('confere a cadeia de hashes do log de auditoria, também pelos arquivos virados')
    .argument('[arquivo]', 'o log (AUDIT_LOG)')
    .option('--head <hash>', 'hash de uma linha, guardado fora: acha um log cortado ou reescrito por inteiro')
    .option(
      '--after <hash>',
      'hash da última linha arquivada em outro lugar, quando os arquivos mais antigos não estão mais aqui',
    )
    .action(async (file: string | undefined, { head, after }: VerifyFlags) => {
      const { environment } = loadConfig();
      const path = file ?? environment.AUDIT_LOG;
      const wrongUsage = (message: string): never => verify.error(message, { exitCode: 2 });
      if (path === undefined) {
        return wrongUsage('Diga qual log conferir: audit verify ARQUIVO, ou defina AUDIT_LOG.');
      }
      if (!isHash(head) || !isHash(after)) {
        return wrongUsage('Um hash tem 64 dígitos hexadecimais, como os que "audit verify" mostra.');
      }
      const options = { path: auditPath(path), key: environment.AUDIT_KEY, head, after };
      const { problem, warnings, lines, files, end } = await verifyAudit(options).catch((error: unknown) => {
        const code = error instanceof Error && 'code' in error ? String(error.code) : 'desconhecido';
        throw new ConfigurationError(`Não foi possível ler ${options.path} (${code}).`);
      });
      for (const warning of warnings) say(`aviso  ${warning}`);
      if (problem === undefined) say(`ok     ${lines} linha(s) em ${files} arquivo(s); última: ${end.seq} ${end.hash}`);
      else {
        say(`erro   ${problem}`);
        process.exitCode = 1;
      }
    });
  return new Command().addCommand(verify);
}

const isHash = (value: string | undefined): boolean => value === undefined || /^[0-9a-f]{64}$/.test(value);

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
