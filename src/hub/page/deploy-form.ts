/** The form of a deployment: its fields in, a body for `POST /api/deploy` out. */
import { el, part } from './dom.ts';
import { EnvRows } from './env-rows.ts';

export type DeployRequest = Readonly<Record<string, unknown>>;

/** Where a server can come from, by the name of its field in the request. */
const SOURCES = {
  package: {
    kind: 'Pacote npm',
    label: 'Pacote com versão exata',
    example: '@modelcontextprotocol/server-memory@2026.8.31',
  },
  image: {
    kind: 'Imagem de contêiner',
    label: 'Imagem, de preferência com @sha256:…',
    example: 'docker.io/mcp/time@sha256:…',
  },
  github_url: {
    kind: 'Repositório do GitHub',
    label: 'Endereço do repositório',
    example: 'https://github.com/dono/repositorio',
  },
  registry_name: { kind: 'Registro oficial do MCP', label: 'Nome no registro', example: 'io.github.dono/servidor' },
  folder: { kind: 'Pasta local', label: 'Subpasta de HUB_LOCAL_DIR', example: 'meu-servidor' },
} as const;
type SourceKind = keyof typeof SOURCES;
const isKind = (text: string): text is SourceKind => text in SOURCES;

export interface DeployForm {
  /** @throws Error saying what is wrong with it */
  read(): DeployRequest;
  fill(request: Readonly<Record<string, string>>): void;
  /** A row for a variable that the source asks for, with the cursor in it. */
  readonly addVariable: (name: string) => void;
  clear(): void;
  submit(): void;
  onChange(listener: () => void): void;
  onSubmit(listener: () => void): void;
}

export function openDeployForm(session: AbortSignal): DeployForm {
  const form = part('deploy-form', HTMLFormElement);
  const kind = part('source-kind', HTMLSelectElement);
  const source = part('source', HTMLInputElement);
  const method = part('method', HTMLSelectElement);
  const args = part('args', HTMLTextAreaElement);
  const optional = { name: part('name', HTMLInputElement), domain: part('domain', HTMLInputElement) };
  const port = part('port', HTMLInputElement);
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of listeners) listener();
  };
  const rows = new EnvRows(part('env-rows', HTMLElement), changed);

  kind.replaceChildren(...Object.entries(SOURCES).map(([value, { kind: text }]) => el('option', { value }, text)));
  const showKind = (): void => {
    const { label, example } = SOURCES[isKind(kind.value) ? kind.value : 'package'];
    part('source-label', HTMLElement).textContent = label;
    part('source-hint', HTMLElement).textContent = `Exemplo: ${example}`;
  };
  showKind();
  kind.addEventListener('change', showKind, { signal: session });
  form.addEventListener('input', changed, { signal: session });
  part('add-env', HTMLButtonElement).addEventListener('click', () => rows.add(), { signal: session });

  const clear = (): void => {
    form.reset();
    rows.clear();
    showKind();
  };
  return {
    clear,
    addVariable: (name) => rows.add(name),
    read() {
      const lines = args.value.split('\n').map((line) => line.trim());
      return {
        [kind.value]: source.value.trim(),
        method: method.value,
        env: rows.read(),
        args: lines.filter((line) => line !== ''),
        ...Object.fromEntries(
          Object.entries(optional).flatMap(([name, { value }]) => (value.trim() === '' ? [] : [[name, value.trim()]])),
        ),
        ...(port.value === '' ? {} : { port: Number(port.value) }),
      };
    },
    fill(request) {
      clear();
      for (const [field, value] of Object.entries(request)) {
        if (field === 'method') method.value = value;
        else if (isKind(field)) {
          kind.value = field;
          source.value = value;
        }
      }
      showKind();
    },
    submit: () => form.requestSubmit(),
    onChange: (listener) => void listeners.add(listener),
    onSubmit(listener) {
      form.addEventListener(
        'submit',
        (event) => {
          event.preventDefault();
          listener();
        },
        { signal: session },
      );
    },
  };
}
