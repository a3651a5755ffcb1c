import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { UserInputError } from '../errors.ts';
import { didYouMean } from '../gateway/config/did-you-mean.ts';
import type { McpLockFile } from '../gateway/trust/mcp-lock-file.ts';
import { approveTools, type Lock, type WaitingTool, waitingTools } from '../gateway/trust/pins.ts';
import { ONLY_HIDDEN } from '../gateway/trust/tool-diff.ts';
import { visible } from '../invisible-text.ts';
import { wrongUsage } from './gateway-file.ts';
import { lockFiles } from './lock-files.ts';

interface LockOptions {
  readonly gateway?: string;
}
interface ApproveOptions extends LockOptions {
  readonly all?: true;
  readonly yes?: true;
}

/** What waits in one of the lock files. */
interface Waiting {
  readonly file: McpLockFile;
  readonly tools: readonly WaitingTool[];
}

/**
 * `gateway list`, `diff` and `approve`, over the `mcp.lock` beside the gateway file, and that of the hub. A running server
 * follows its file.
 */
export function addApprovalCommands(command: Command): void {
  const file = [
    '--gateway <arquivo>',
    'arquivo do gateway (GATEWAY_CONFIG), com o mcp.lock ao lado; sem ele, o do hub (HUB_DATA_DIR)',
  ] as const;

  command
    .command('list')
    .description('lista as ferramentas fixadas no mcp.lock e quais esperam aprovação')
    .option(...file)
    .action(async ({ gateway }: LockOptions) => {
      const locks = await Promise.all(lockFiles(gateway).map((file) => file.read()));
      const upstreams = locks.flatMap((lock) => Object.entries(lock.upstreams));
      const pinned = upstreams.flatMap(([server, tools]) =>
        Object.entries(tools).map(([tool, { pending }]) => ({ server, tool, waits: pending !== undefined })),
      );
      if (pinned.length === 0)
        say('nenhuma ferramenta fixada ainda: o servidor fixa cada uma quando a vê pela primeira vez');
      for (const { server, tool, waits } of pinned) {
        say(`${waits ? 'quarentena' : 'ok'}: ${visible(server)} ${visible(tool)}`);
      }
    });

  command
    .command('diff [servidor] [ferramenta]')
    .description('mostra por inteiro o que mudou nas ferramentas em quarentena')
    .option(...file)
    .action(async (server: string | undefined, tool: string | undefined, { gateway }: LockOptions) => {
      show((await wanted(lockFiles(gateway), server, tool)).flatMap(({ tools }) => tools));
    });

  command
    .command('approve [servidor] [ferramenta]')
    .description('mostra o que mudou e aprova exatamente isso; um servidor em execução passa a oferecer em até 2 s')
    .option(...file)
    .option('--all', 'tudo o que espera: sem nome, de todos os servidores; com servidor, só dele')
    .option('--yes', 'não pergunta (sem terminal nunca pergunta)')
    .action(async (server: string | undefined, tool: string | undefined, options: ApproveOptions) => {
      if ((tool === undefined) !== (options.all === true)) {
        throw wrongUsage('Diga o servidor e a ferramenta (gateway approve erp pagar), ou --all.');
      }
      await approve(lockFiles(options.gateway), server, tool, options.yes === true);
    });
}

async function approve(
  files: readonly McpLockFile[],
  server: string | undefined,
  tool: string | undefined,
  sure: boolean,
): Promise<void> {
  const waiting = await wanted(files, server, tool);
  const shown = waiting.flatMap(({ tools }) => tools);
  show(shown);
  if (shown.length === 0) return;
  if (!sure && process.stdin.isTTY && !(await agrees(shown.length))) {
    say('nada foi aprovado');
    process.exitCode = 1;
    return;
  }
  for (const one of waiting) await agree(one);
}

async function agree({ file, tools }: Waiting): Promise<void> {
  const { approved, agreedAlready, gone, changed } = await file.update((known) => approveTools(known, tools));
  for (const one of approved) say(`aprovada: ${nameOf(one)}`);
  for (const one of agreedAlready) say(`já aprovada por outro comando: ${nameOf(one)}`);
  for (const one of gone) say(`não aprovada: ${nameOf(one)}: já não espera aprovação, o servidor voltou ao que era`);
  for (const one of changed) say(`não aprovada: ${nameOf(one)}: mudou de novo desde que foi mostrada; veja outra vez`);
  if (changed.length + gone.length > 0) process.exitCode = 1;
}

/** What waits of the server and tool named, by file. @throws UserInputError for names that are in no lock */
async function wanted(
  files: readonly McpLockFile[],
  server: string | undefined,
  tool: string | undefined,
): Promise<readonly Waiting[]> {
  const locks = await Promise.all(files.map(async (file) => ({ file, lock: await file.read() })));
  if (server !== undefined) {
    const servers = locks.flatMap(({ lock }) => Object.entries(lock.upstreams));
    const pins = servers.filter(([id]) => id === server).map(([, tools]) => tools);
    const names = pins.flatMap((tools) => Object.keys(tools));
    if (pins.length === 0)
      throw unknown(
        'o servidor',
        server,
        servers.map(([id]) => id),
      );
    if (tool !== undefined && !names.includes(tool)) throw unknown('a ferramenta', tool, names);
  }
  return locks.map(({ file, lock }) => ({ file, tools: waitingIn(lock, server, tool) }));
}

const waitingIn = (lock: Lock, server: string | undefined, tool: string | undefined): WaitingTool[] =>
  waitingTools(lock).filter(({ upstream, name }) => (server ?? upstream) === upstream && (tool ?? name) === name);

function unknown(what: string, name: string, known: readonly string[]): UserInputError {
  const near = didYouMean(name, known) || '.';
  return new UserInputError(`O mcp.lock não conhece ${what} ${JSON.stringify(visible(name))}${visible(near)}`, {
    hint: 'Veja o que há com: omie-mcp-hub gateway list',
  });
}

function show(waiting: readonly WaitingTool[]): void {
  if (waiting.length === 0) say('nada espera aprovação');
  for (const tool of waiting) {
    say(nameOf(tool));
    if (tool.differences.length === 0) say(`  ${ONLY_HIDDEN}`);
    for (const { path, before, after } of tool.differences) {
      say(`  ${path}`);
      if (before !== undefined) say(`    - ${before}`);
      if (after !== undefined) say(`    + ${after}`);
    }
  }
}

async function agrees(count: number): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const question = `Aprovar ${count === 1 ? 'esta mudança' : `estas ${count} mudanças`}? [s/N] `;
  // Ctrl+C and Ctrl+D close the terminal and leave the question open.
  const left = new Promise<string>((answered) => terminal.once('close', () => answered('')));
  const answer = await Promise.race([terminal.question(question), left]);
  terminal.close();
  return /^s(?:im)?$/i.test(answer.trim());
}

/** As the upstream called them, which may be anything. */
const nameOf = ({ upstream, name }: WaitingTool): string => `${visible(upstream)} ${visible(name)}`;

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
