import { Command, CommanderError } from 'commander';
import { packageVersion } from '../config/package-version.ts';
import { AppError } from '../errors.ts';

/** 0 done · 1 failed · 2 wrong usage. */
const exitCodes = { failed: 1, usage: 2 } as const;

/** Each command is loaded only when it is asked for: `serve` over stdio is started by desktop clients, often. */
const commands: Readonly<Record<string, { summary: string; load: () => Promise<Command> }>> = {
  serve: {
    summary: 'o servidor MCP: stdio, SSE e Streamable HTTP ao mesmo tempo',
    load: async () => (await import('./serve.ts')).serveCommand(),
  },
  demo: {
    summary: 'simulador + servidor + relatório de todas as empresas de demonstração',
    load: async () => (await import('./demo.ts')).demoCommand(),
  },
  simulate: {
    summary: 'só o simulador do Omie',
    load: async () => (await import('./simulate.ts')).simulateCommand(),
  },
  validate: {
    summary: 'confere os arquivos de configuração',
    load: async () => (await import('./validate.ts')).validateCommand(),
  },
  token: {
    summary: 'cria, lista e revoga tokens de acesso',
    load: async () => (await import('./token.ts')).tokenCommand(),
  },
  doctor: {
    summary: 'examina uma instalação e diz o que corrigir',
    load: async () => (await import('./doctor.ts')).doctorCommand(),
  },
  audit: {
    summary: 'confere o log de auditoria (audit verify)',
    load: async () => (await import('./audit.ts')).auditCommand(),
  },
  gateway: {
    summary: 'servidores MCP montados: importa, exporta, mostra e aprova ferramentas que mudaram',
    load: async () => (await import('./gateway.ts')).gatewayCommand(),
  },
  monitor: {
    summary: 'cliente SSE que acompanha as empresas',
    load: async () => (await import('./monitor.ts')).monitorCommand((await tokenFromEnvironment()) ?? {}),
  },
  report: {
    summary: 'cliente HTTP que consulta todas as empresas em paralelo',
    load: async () => (await import('./report.ts')).reportCommand((await tokenFromEnvironment()) ?? {}),
  },
};

/** Runs the command line; the bare command is `serve`. Sets `process.exitCode` and never throws. */
export async function runCli(argv: readonly string[]): Promise<void> {
  const words = argv.slice(2);
  const name = words[0] !== undefined && Object.hasOwn(commands, words[0]) ? words[0] : undefined;
  try {
    const program = name === undefined ? await rootCommand(words) : await loadCommand(name);
    await program.parseAsync(name === undefined ? words : words.slice(1), { from: 'user' });
  } catch (thrown) {
    process.exitCode = report(thrown);
  }
}

async function loadCommand(name: string): Promise<Command> {
  const command = commands[name];
  if (command === undefined) throw new CommanderError(exitCodes.usage, 'unknown', `comando desconhecido: ${name}`);
  return strict((await command.load()).name(`omie-mcp-hub ${name}`).description(command.summary));
}

/** Without a command word only flags are left: they belong to `serve`, but for help and version. */
async function rootCommand(words: readonly string[]): Promise<Command> {
  const asksHelp = words.includes('--help') || words.includes('-h');
  const asksVersion = words.includes('--version') || words.includes('-V');
  const unknownWord = words.find((word) => !word.startsWith('-'));
  if (!asksHelp && !asksVersion && (unknownWord === undefined || words[0]?.startsWith('-')))
    return loadCommand('serve');
  const program = strict(new Command('omie-mcp-hub'))
    .description('Servidor MCP para muitas empresas do Omie. Sem comando: serve.')
    .allowExcessArguments(false);
  for (const [word, { summary }] of Object.entries(commands)) program.command(word).description(summary);
  return program;
}

function strict(command: Command): Command {
  return command
    .helpOption('-h, --help', 'mostra esta ajuda')
    .version(packageVersion(), '-V, --version', 'mostra a versão')
    .exitOverride()
    .showHelpAfterError('(veja --help)');
}

function report(thrown: unknown): number {
  if (thrown instanceof CommanderError) {
    // Help and version are thrown too, with code 0; commander has printed what there was to say.
    return thrown.exitCode === 0 ? 0 : exitCodes.usage;
  }
  const message =
    thrown instanceof AppError ? thrown.message : 'Erro interno. Rode com MCP_LOG_LEVEL=debug para ver o log.';
  process.stderr.write(`${message}\n`);
  if (thrown instanceof AppError && thrown.hint !== undefined) process.stderr.write(`${thrown.hint}\n`);
  return exitCodes.failed;
}

async function tokenFromEnvironment(): Promise<{ token: string } | undefined> {
  const { loadConfig } = await import('../config/load-config.ts');
  const token = loadConfig().environment.MCP_AUTH_TOKEN?.reveal();
  return token === undefined ? undefined : { token };
}
