import { writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { ConfigurationError } from '../errors.ts';
import { isFolder } from '../files/is-folder.ts';
import { jsonPath } from '../files/json-path.ts';
import { readJson } from '../files/read-json.ts';
import { readRegularFile } from '../files/read-regular-file.ts';
import { mendImport, refusedByValidate } from '../gateway/config/check-import.ts';
import { type Dialect, detectDialect, dialects } from '../gateway/config/dialects/dialect.ts';
import { plainSecrets } from '../gateway/config/dialects/plain-secrets.ts';
import type { GatewayFile } from '../gateway/config/gateway-schema.ts';
import { readGatewayYaml, writeGatewayYaml } from '../gateway/config/gateway-yaml.ts';
import { exportServers, importServers } from '../gateway/config/mcp-servers-json.ts';
import { addApprovalCommands } from './gateway-approval.ts';
import { gatewayFile } from './gateway-file.ts';

interface TransferOptions {
  readonly dialect?: Dialect;
  readonly out?: string;
}

/**
 * Moves servers between the gateway file and the files of other clients (`gateway import`, `gateway export`), and agrees to
 * changed tools (`gateway list`, `diff`, `approve`).
 */
export function gatewayCommand(): Command {
  const command = new Command('gateway').exitOverride().helpOption('-h, --help', 'mostra esta ajuda');
  command.helpCommand(false).showHelpAfterError('(veja --help)');
  const dialect = () => new Option('--dialect <nome>', 'de que cliente é o arquivo').choices(dialects);
  const out = () => new Option('--out <arquivo>', 'arquivo novo; padrão: a saída padrão');

  command
    .command('import <arquivo>')
    .description('escreve como YAML do gateway o JSON de servidores (mcpServers ou servers) de outro cliente')
    .addOption(dialect())
    .addOption(out())
    .action((path: string, options: TransferOptions) => {
      const root = bringJson(path);
      const imported = importServers(root, options.dialect ?? detectDialect(root));
      if ('problems' in imported) throw badFile(path, imported.problems);
      const { file, warnings } = mendImport(imported.file);
      const refused = [...refusedByValidate(file), ...(options.out === undefined ? [] : astray(file, options.out))];
      // A file that the gateway would not start with helps nobody.
      if (refused.length > 0) throw badFile(path, refused);
      for (const line of [...imported.warnings, ...warnings, ...plainSecrets(file)]) warn(line);
      deliver(writeGatewayYaml(file), options.out);
    });

  command
    .command('export [arquivo]')
    .description('escreve o arquivo do gateway (GATEWAY_CONFIG) como o JSON de outro cliente; ${VAR} fica como está')
    .addOption(dialect().default('claude-code'))
    .addOption(out())
    .action((path: string | undefined, { dialect: wanted = 'claude-code', out: target }: TransferOptions) => {
      const from = gatewayFile(path);
      const read = readGatewayYaml(bring(from), basename(from));
      if ('problems' in read) throw badFile(from, read.problems);
      deliver(`${JSON.stringify(exportServers(read.content, wanted), null, 2)}\n`, target);
    });

  addApprovalCommands(command);
  return command;
}

/** Programs whose folder is not there, seen from where the file is to stand; what a variable will hold is not known here. */
function astray({ mcp_servers: servers }: GatewayFile, out: string): string[] {
  return Object.entries(servers)
    .filter(([, { cwd, disabled }]) => disabled !== true && cwd !== undefined && !cwd.includes('${'))
    .filter(([, { cwd = '' }]) => !isFolder(resolve(dirname(out), cwd)))
    .map(([id]) => `${jsonPath(['mcp_servers', id, 'cwd'])}: a pasta não existe ou não pode ser lida, vista de ${out}`);
}

function bring(path: string): Uint8Array {
  const reading = readRegularFile(path);
  if ('problem' in reading) throw badFile(path, [`${basename(path)}: ${reading.problem}`]);
  return reading.bytes;
}

function bringJson(path: string): unknown {
  const json = readJson(bring(path), basename(path));
  if ('problems' in json) throw badFile(path, json.problems);
  return json.root;
}

/** For its owner alone, since credentials may be in it; never over a file that is there. */
function deliver(text: string, path: string | undefined): void {
  if (path === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : 'desconhecido';
    const reason = code === 'EEXIST' ? 'já existe' : `não pôde ser escrito (${code})`;
    throw new ConfigurationError(`${path} ${reason}.`, [], { hint: 'Dê em --out o nome de um arquivo novo.' });
  }
}

function warn(line: string): void {
  process.stderr.write(`aviso: ${line}\n`);
}

function badFile(path: string, problems: readonly string[]): ConfigurationError {
  return new ConfigurationError(`${path} não pôde ser usado:\n- ${problems.join('\n- ')}`, problems);
}
