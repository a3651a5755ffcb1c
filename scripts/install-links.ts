// One-click links and commands for README. Link formats: code.visualstudio.com/docs (vscode:mcp/install) and
// cursor.com/docs/mcp/install-links. GitHub shows only http(s) links, hence the editors' own redirect pages.
import { packageFacts } from './package-facts.ts';

const name = 'omie';
const args = ['-y', `${packageFacts.name}@${packageFacts.version}`, 'serve', '--transports', 'stdio'];
const pathPrompt = {
  type: 'promptString',
  id: 'credenciais',
  description: 'Caminho absoluto do arquivo de credenciais (credentials.json)',
};

/** Both editors read the same shapes; VS Code asks for the path, Cursor has no such question. */
const running = { type: 'http', url: 'http://127.0.0.1:8000/mcp' };
const packaged = (path: string) => ({ command: 'npx', args, env: { CREDENTIALS_FILE: path } });

export const vscodeLink = (config: object, inputs: readonly object[] = []): string =>
  `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name, ...config, ...(inputs.length > 0 && { inputs }) }))}`;
export const cursorLink = (config: object): string =>
  `cursor://anysphere.cursor-deeplink/mcp/install?name=${name}&config=${encodeURIComponent(base64(config))}`;

const vscodePage = (link: string): string => `https://insiders.vscode.dev/redirect?url=${encodeURIComponent(link)}`;
const cursorPage = (link: string): string => `https://cursor.com/install-mcp?${link.slice(link.indexOf('?') + 1)}`;
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64');

interface Words {
  readonly editor: string;
  readonly running: string;
  readonly packaged: string;
  readonly install: string;
  readonly path: string;
}

const words = {
  'README.md': {
    editor: 'editor',
    running: 'a server that already runs on this machine',
    packaged: 'the npm package, once published',
    install: 'install',
    path: '/path/to/credentials.json',
  },
  'README.pt-BR.md': {
    editor: 'editor',
    running: 'um servidor que já está no ar nesta máquina',
    packaged: 'o pacote npm, quando publicado',
    install: 'instalar',
    path: '/caminho/do/credentials.json',
  },
} satisfies Record<string, Words>;

export const readmes = Object.keys(words);

/** A table of links and the Claude Code command, in the language of that README. */
export function installSection(readme: string): string {
  const { editor, running: first, packaged: second, install, path } = wordsOf(readme);
  const row = (label: string, links: readonly string[], page: (link: string) => string): string =>
    `| ${label} | ${links.map((link) => `[${install}](${page(link)}) · [deeplink](${link})`).join(' | ')} |`;
  return [
    `| ${editor} | ${first} | ${second} |`,
    '|---|---|---|',
    row('VS Code', [vscodeLink(running), vscodeLink(packaged(`\${input:${pathPrompt.id}}`), [pathPrompt])], vscodePage),
    row('Cursor', [cursorLink({ url: running.url }), cursorLink(packaged(path))], cursorPage),
    '',
    '```bash',
    `claude mcp add ${name} --env CREDENTIALS_FILE=${path} -- npx ${args.join(' ')}`,
    '```',
  ].join('\n');
}

function wordsOf(readme: string): Words {
  for (const [known, inItsLanguage] of Object.entries(words)) if (known === readme) return inItsLanguage;
  throw new Error(`no words for ${readme}`);
}
