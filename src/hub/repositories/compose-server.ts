/** What of a Compose service is taken over: where it is built or which image it is, its arguments, port and variables' names. */
import type { WantedVariable } from '../deploy/source.ts';
import { argumentProblems } from '../safety/arguments.ts';
import { isPinnedImage } from '../safety/source-grammar.ts';
import { type ComposeService, type Refused, serviceIn } from './compose-file.ts';
import { wantedOf } from './compose-variables.ts';
import { pathInside } from './path-inside.ts';

/** A build as the Engine is asked for it, instead of the `Dockerfile` of the folder. */
export interface ComposeBuild {
  /** From the root of the repository; empty for the root itself. */
  readonly context: string;
  /** Within the context. */
  readonly dockerfile: string;
  readonly target?: string;
}

export interface ComposeServer {
  /** Name of the service. */
  readonly name: string;
  readonly from: { readonly build: ComposeBuild } | { readonly image: string };
  readonly args?: readonly string[];
  readonly port?: number;
  readonly wanted: readonly WantedVariable[];
  /** What it asks for and is not given, Portuguese. */
  readonly warnings: readonly string[];
}

/** Taken over, or without any bearing on a container of ours. `depends_on` tells of the others, which are told of already. */
const KNOWN: ReadonlySet<string> = new Set(
  'build image command environment env_file ports profiles container_name depends_on develop expose healthcheck hostname init labels logging restart stdin_open tty pull_policy'.split(
    ' ',
  ),
);
const KNOWN_OF_BUILD: ReadonlySet<string> = new Set(['context', 'dockerfile', 'target']);
/** These change what is run: without them it would be another program than the one the file describes. */
const REFUSED = ['extends', 'entrypoint', '<<'];
const TARGET = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$/;
const KEY = /^[a-z_]{1,40}$/;
const PORT = /^(?:(?:\d{1,3}(?:\.\d{1,3}){3}:|\[[0-9a-f:]+\]:)?\d{0,5}:)?(\d{1,5})(?:\/tcp)?$/;

/** @param folder where the file lies in the repository; empty for its root */
export function composeServer(text: string, file: string, folder: string): ComposeServer | Refused {
  const chosen = serviceIn(text, file);
  if ('refused' in chosen) return chosen;
  const { name, service, others } = chosen;
  const refuse = (why: string): Refused => ({ refused: `o serviço ${name} ${why}` });
  const changed = REFUSED.find((key) => key in service);
  if (changed !== undefined) return refuse(`usa ${changed}`);
  const from = originOf(service, folder);
  if ('refused' in from) return refuse(from.refused);
  const args = argumentsOf(service);
  if (args !== undefined && 'refused' in args) return refuse(args.refused);
  const variables = wantedOf(service.environment ?? {}, file);
  if ('refused' in variables) return refuse(variables.refused);
  const ports = portsOf(service);
  const port = ports.length === 1 ? ports[0] : undefined;
  return {
    name,
    from,
    ...(args === undefined ? {} : { args }),
    ...(port === undefined ? {} : { port }),
    wanted: variables.wanted,
    warnings: [
      ...(others.length > 0 ? [`Do ${file} só roda ${name}; não são iniciados: ${others.join(', ')}.`] : []),
      ...neverGiven(service, file),
      ...('env_file' in service ? [`O ${file} lê variáveis de um env_file, que não é lido: dê-as em env.`] : []),
      ...(ports.length > 1 || ports.includes(undefined)
        ? [`O ${file} publica portas de que não se sabe qual é a do MCP: diga-a em port.`]
        : []),
      ...(port === undefined
        ? []
        : [
            `O ${file} publica a porta ${port}: sem port no pedido, é nela que se procura o MCP, por HTTP. Se não é a dele, diga a dele em port; um servidor de stdin e stdout se implanta com outro method.`,
          ]),
      ...variables.warnings,
    ],
  };
}

function originOf({ build, image }: ComposeService, folder: string): ComposeServer['from'] | Refused {
  if (build === undefined) {
    if (image === undefined) return { refused: 'não diz build nem image' };
    return isPinnedImage(image) ? { image } : { refused: 'não diz uma imagem com tag (menos latest) ou @sha256:…' };
  }
  if ('dockerfile_inline' in build || '<<' in build) return { refused: 'não é construído de um arquivo Dockerfile' };
  const context = pathInside(folder, build.context);
  if (context === undefined) return { refused: 'é construído de uma pasta de fora do repositório' };
  const dockerfile = pathInside('', build.dockerfile);
  if (dockerfile === undefined || dockerfile === '') return { refused: 'usa um Dockerfile de fora do seu contexto' };
  const { target } = { target: undefined, ...build };
  if (target === undefined) return { build: { context, dockerfile } };
  return typeof target === 'string' && TARGET.test(target)
    ? { build: { context, dockerfile, target } }
    : { refused: 'tem um target que não é aceito' };
}

/** As Compose hands them over. In one line, which it splits by the rules of a shell, only what no such rule changes. */
function argumentsOf({ command }: ComposeService): readonly string[] | Refused | undefined {
  if (command == null) return undefined;
  const words = typeof command === 'string' ? command.trim().split(/ +/) : command;
  const plain = typeof command !== 'string' || /^[\w./:=@,+ -]+$/.test(command);
  if (!plain || words.some((word) => word.includes('$')) || argumentProblems(words, () => false).length > 0) {
    return { refused: 'tem um command que não é aceito como argumentos' };
  }
  return words;
}

/** In the container, each once; undefined for one that cannot be told. */
function portsOf({ ports }: ComposeService): readonly (number | undefined)[] {
  const all = (ports ?? [])
    .filter((port) => !port.endsWith('/udp'))
    .map((port) => {
      const number = Number(PORT.exec(port)?.[1]);
      return number >= 1 && number <= 65_535 ? number : undefined;
    });
  return [...new Set(all)];
}

function neverGiven(service: ComposeService, file: string): string[] {
  const { build } = service;
  const asked = [
    ...Object.keys(service).filter((key) => !KNOWN.has(key)),
    ...(build === undefined ? [] : Object.keys(build).filter((key) => !KNOWN_OF_BUILD.has(key))).map(
      (key) => `build.${key}`,
    ),
  ].filter((key) => !key.replace('build.', '').startsWith('x-'));
  if (asked.length === 0) return [];
  const named = asked.map((key) => (KEY.test(key.replace('build.', '')) ? key : 'uma chave desconhecida'));
  return [`O ${file} pede ${[...new Set(named)].join(', ')}: nada disso é dado ao contêiner.`];
}
