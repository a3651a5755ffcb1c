import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { UserInputError } from '../errors.ts';
import { didYouMean } from '../gateway/config/did-you-mean.ts';
import { approveTools, type Lock, type WaitingTool, waitingTools } from '../gateway/trust/pins.ts';
import { ONLY_HIDDEN } from '../gateway/trust/tool-diff.ts';
import { visible } from '../invisible-text.ts';
import { wrongUsage } from './gateway-file.ts';
import { lockFile } from './lock-file.ts';

interface LockOptions {
  readonly gateway?: string;
}
interface ApproveOptions extends LockOptions {
  readonly all?: true;
  readonly yes?: true;
}

/** A tool as its upstream called it, which may be anything, and where it is pinned unless that was said. */
type NameOf = (tool: Pick<WaitingTool, 'upstream' | 'name'>) => string;

/**
 * `gateway list`, `diff` and `approve`, over the `mcp.lock` beside the gateway file, or that of the hub. A running server
 * follows its file.
 */
export function addApprovalCommands(command: Command): void {
  const file = [
    '--gateway <arquivo>',
    'só o mcp.lock ao lado deste arquivo; sem ela, o de GATEWAY_CONFIG ou, sem arquivo, o do hub (HUB_DATA_DIR)',
  ] as const;

  command
    .command('list')
    .description('lista as ferramentas fixadas no mcp.lock e quais esperam aprovação')
    .option(...file)
    .action(async ({ gateway }: LockOptions) => {
      const file = lockFile(gateway);
      const nameOf = namesIn(file.path, gateway);
      const pinned = Object.entries((await file.read()).upstreams).flatMap(([upstream, tools]) =>
        Object.entries(tools).map(([name, { pending }]) => ({ upstream, name, waits: pending !== undefined })),
      );
      if (pinned.length === 0)
        say('nenhuma ferramenta fixada ainda: o servidor fixa cada uma quando a vê pela primeira vez');
      for (const tool of pinned) say(`${tool.waits ? 'quarentena' : 'ok'}: ${nameOf(tool)}`);
    });

  command
    .command('diff [servidor] [ferramenta]')
    .description('mostra por inteiro o que mudou nas ferramentas em quarentena')
    .option(...file)
    .action(async (server: string | undefined, tool: string | undefined, { gateway }: LockOptions) => {
      const file = lockFile(gateway);
      show(wanted(await file.read(), server, tool), namesIn(file.path, gateway));
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
      await approve(server, tool, options);
    });
}

async function approve(
  server: string | undefined,
  tool: string | undefined,
  { gateway, yes: sure }: ApproveOptions,
): Promise<void> {
  const file = lockFile(gateway);
  const nameOf = namesIn(file.path, gateway);
  const shown = wanted(await file.read(), server, tool);
  show(shown, nameOf);
  if (shown.length === 0) return;
  if (sure !== true && process.stdin.isTTY && !(await agrees(shown.length))) {
    say('nada foi aprovado');
    process.exitCode = 1;
    return;
  }
  const { approved, agreedAlready, gone, changed } = await file.update((known) => approveTools(known, shown));
  for (const one of approved) say(`aprovada: ${nameOf(one)}`);
  for (const one of agreedAlready) say(`já aprovada por outro comando: ${nameOf(one)}`);
  for (const one of gone) say(`não aprovada: ${nameOf(one)}: já não espera aprovação, o servidor voltou ao que era`);
  for (const one of changed) say(`não aprovada: ${nameOf(one)}: mudou de novo desde que foi mostrada; veja outra vez`);
  if (changed.length + gone.length > 0) process.exitCode = 1;
}

/** What waits of the server and tool named. @throws UserInputError for names that are not in the lock */
function wanted(lock: Lock, server: string | undefined, tool: string | undefined): WaitingTool[] {
  if (server !== undefined) {
    const pins = Object.entries(lock.upstreams).find(([id]) => id === server)?.[1];
    if (pins === undefined) throw unknown('o servidor', server, Object.keys(lock.upstreams));
    const names = Object.keys(pins);
    if (tool !== undefined && !names.includes(tool)) throw unknown('a ferramenta', tool, names);
  }
  return waitingTools(lock).filter(
    ({ upstream, name }) => (server ?? upstream) === upstream && (tool ?? name) === name,
  );
}

function unknown(what: string, name: string, known: readonly string[]): UserInputError {
  const near = didYouMean(name, known) || '.';
  return new UserInputError(`O mcp.lock não conhece ${what} ${JSON.stringify(visible(name))}${visible(near)}`, {
    hint: 'Veja o que há com: omie-mcp-hub gateway list',
  });
}

function show(waiting: readonly WaitingTool[], nameOf: NameOf): void {
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

function namesIn(path: string, given: string | undefined): NameOf {
  const where = given === undefined ? ` (${visible(path)})` : '';
  return ({ upstream, name }) => `${visible(upstream)} ${visible(name)}${where}`;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
