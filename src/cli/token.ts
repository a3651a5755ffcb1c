import { Command, CommanderError } from 'commander';
import { createToken, readTokensFile, revokeToken } from '../access/edit-tokens-file.ts';
import type { Mode } from '../access/rights.ts';
import { loadConfig } from '../config/load-config.ts';
import { tokenCommandFlags } from './token-flags.ts';
import { tokenTable } from './token-table.ts';

interface CreateOptions {
  readonly id: string;
  readonly empresas: string[];
  readonly ferramentas: string[];
  readonly modo: Mode;
  readonly limite?: number;
  readonly expira?: string;
  readonly nota?: string;
  readonly file?: string;
}

/** Keeps the tokens file: `token create`, `token list`, `token revoke`. */
export function tokenCommand(): Command {
  const command = new Command('token').exitOverride().helpOption('-h, --help', 'mostra esta ajuda');
  const flags = tokenCommandFlags();
  command.helpCommand(false).showHelpAfterError('(veja --help)');

  command
    .command('create')
    .description('cria um token e o mostra, uma única vez')
    .addOption(flags.id)
    .addOption(flags.empresas)
    .addOption(flags.ferramentas)
    .addOption(flags.modo)
    .addOption(flags.limite)
    .addOption(flags.expira)
    .addOption(flags.nota)
    .addOption(flags.file)
    .action(async ({ file, limite, expira, nota, ...rights }: CreateOptions) => {
      const path = tokensFile(file);
      const token = await createToken(path, {
        ...rights,
        ...(limite === undefined ? {} : { limite_por_minuto: limite }),
        ...(expira === undefined ? {} : { expira }),
        ...(nota === undefined ? {} : { nota }),
      });
      // The token alone on stdout, so that it can be piped to where it is to live.
      process.stderr.write(`Token de ${rights.id} criado em ${path}. Guarde-o agora: não será mostrado de novo.\n`);
      process.stdout.write(`${token}\n`);
    });

  command
    .command('list')
    .description('lista os tokens do arquivo; nunca mostra um token')
    .addOption(flags.file)
    .action(({ file }: { file?: string }) => {
      process.stdout.write(tokenTable(readTokensFile(tokensFile(file)), Date.now()));
    });

  command
    .command('revoke')
    .description('retira um token do arquivo; servidores em uso o recusam em até 2 s')
    .addOption(flags.id)
    .addOption(flags.file)
    .action(async ({ id, file }: { id: string; file?: string }) => {
      await revokeToken(tokensFile(file), id);
      process.stdout.write(`Token de ${id} revogado.\n`);
    });

  return command;
}

function tokensFile(flag: string | undefined): string {
  const path = loadConfig({ flags: { MCP_TOKENS_FILE: flag } }).environment.MCP_TOKENS_FILE;
  if (path !== undefined) return path;
  const message = 'Diga o arquivo de tokens: --file ou MCP_TOKENS_FILE.';
  process.stderr.write(`${message}\n`);
  throw new CommanderError(2, 'omie.missingTokensFile', message);
}
