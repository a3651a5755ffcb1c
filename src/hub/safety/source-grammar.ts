/** Which texts name a source. Nothing here is looked up. */

import type { Asked } from '../deploy/asked.ts';
import type { DeployRequest } from '../deploy/deploy-request.ts';
import { type FieldProblem, HubError } from '../problem.ts';

/** npm gives nobody the two names that are left out. */
const PACKAGE =
  /^(?!node_modules@|favicon\.ico@)(?<name>(?:@[a-z0-9][a-z0-9._-]{0,100}\/)?[a-z0-9][a-z0-9._-]{0,100})@(?<version>\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z.-]{1,60})?)$/;
/** Docker's reference grammar, lower case, with a tag or a digest. */
const IMAGE =
  /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
const REGISTRY_NAME = /^[a-zA-Z0-9][a-zA-Z0-9.-]{0,99}\/[a-zA-Z0-9][a-zA-Z0-9._-]{0,99}$/;
const REGISTRY_VERSION = /^(?!latest$)[0-9A-Za-z][0-9A-Za-z.+_-]{0,99}$/;
const OWNER = /^[A-Za-z0-9][A-Za-z0-9-]{0,38}$/;
const REPOSITORY = /^(?!\.{1,2}$)[A-Za-z0-9_.-]{1,100}$/;
const SEGMENT = /^(?!\.{1,2}$)[A-Za-z0-9_@][A-Za-z0-9_.@+-]{0,99}$/;

const fields = ['github_url', 'package', 'image', 'registry_name', 'folder'] as const;
type SourceField = (typeof fields)[number];

/** The one source of a request. @throws HubError (`pedido_recusado`, `endereco_bloqueado`) */
export function sourceAsked(request: DeployRequest): Asked {
  const given = fields.filter((field) => request[field] !== undefined);
  const [field] = given;
  if (field === undefined || given.length > 1) {
    const message =
      field === undefined ? 'Falta dizer o que implantar.' : `Diga uma só fonte; vieram ${given.join(', ')}.`;
    throw new HubError('pedido_recusado', message, { hint: `Use um destes campos: ${fields.join(', ')}.` });
  }
  return readers[field](request[field] ?? '');
}

const readers: Readonly<Record<SourceField, (text: string) => Asked>> = {
  package(text) {
    const { name, version } = PACKAGE.exec(text)?.groups ?? {};
    if (name !== undefined && version !== undefined) return { kind: 'npm', name, version };
    throw refused('package', 'deve ser um pacote npm com versão exata, nome@1.2.3, e nada mais', {
      hint: 'Faixas, tags (latest), endereços, caminhos e opções não são aceitos; npm view NOME version diz a versão.',
    });
  },
  image(text) {
    if (isPinnedImage(text)) return { kind: 'image', image: text };
    throw refused('image', 'deve ser uma imagem com tag (menos latest) ou @sha256:…, e nada mais', {
      hint: 'Por exemplo ghcr.io/dono/servidor:1.2.3; opções do docker não são aceitas.',
    });
  },
  registry_name(text) {
    const [name = '', version, ...more] = text.split('@');
    if (REGISTRY_NAME.test(name) && more.length === 0) {
      if (version === undefined) return { kind: 'registry', name };
      if (isRegistryVersion(version)) return { kind: 'registry', name, version };
    }
    throw refused('registry_name', 'deve ser um nome do registro MCP, dominio/servidor ou dominio/servidor@versão', {
      hint: 'Por exemplo io.github.dono/servidor@1.2.3; POST /api/discover mostra os nomes que há.',
    });
  },
  folder(text) {
    if (isLocalFolder(text)) return { kind: 'folder', folder: text };
    throw refused('folder', 'deve ser o nome de uma subpasta de HUB_LOCAL_DIR', {
      hint: 'Escreva o caminho a partir de HUB_LOCAL_DIR, por exemplo servidores/meu, sem .., barras no começo ou espaços.',
    });
  },
  github_url: githubRepository,
};

/** `name@1.2.3` of npm, and nothing more. */
export function isPinnedPackage(text: string): boolean {
  return PACKAGE.test(text);
}

/** With a tag, which is not `latest`, or a digest. */
export function isPinnedImage(text: string): boolean {
  const last = text.slice(text.lastIndexOf('/') + 1);
  return IMAGE.test(text) && /[:@]/.test(last) && !last.endsWith(':latest');
}

/** A path below HUB_LOCAL_DIR. */
export function isLocalFolder(text: string): boolean {
  const segments = text.split('/');
  return segments.length <= 8 && segments.every((segment) => SEGMENT.test(segment));
}

/** `owner/name` of a repository. */
export function isGitHubName(text: string): boolean {
  const [owner = '', name = '', ...more] = text.split('/');
  return OWNER.test(owner) && REPOSITORY.test(name) && more.length === 0;
}

/** Whether a version can be named in a request; the registry itself takes more. */
export function isRegistryVersion(text: string): boolean {
  return REGISTRY_VERSION.test(text);
}

function githubRepository(text: string): Asked {
  const url = /^https:\/\/[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.host !== 'github.com' || url.username !== '' || url.password !== '') {
    const problem: FieldProblem = { field: 'github_url', message: 'deve começar por https://github.com/' };
    throw new HubError('endereco_bloqueado', 'Só repositórios de https://github.com/ são aceitos.', {
      errors: [problem],
      hint: 'Use https://github.com/dono/repositorio.',
    });
  }
  const [owner = '', name = '', tree, ref, ...folder] = url.pathname.replace(/\/$/, '').slice(1).split('/');
  const repository = name.replace(/\.git$/, '');
  const plain = tree === undefined || (tree === 'tree' && ref !== undefined && SEGMENT.test(ref));
  const good = OWNER.test(owner) && REPOSITORY.test(repository) && folder.every((segment) => SEGMENT.test(segment));
  if (!plain || !good || folder.length > 8 || url.search !== '' || url.hash !== '' || url.pathname !== pathIn(text)) {
    throw refused('github_url', 'deve ser https://github.com/dono/repositorio ou …/tree/ramo/pasta', {
      hint: 'Copie o endereço da página do repositório, sem ?, # nem escapes; de um ramo, o da pasta nele.',
    });
  }
  return { kind: 'repository', owner, repository, ...(ref === undefined ? {} : { ref }), folder: folder.join('/') };
}

/** As it was written: the URL parser resolves `..` and its escapes, and what was meant by them nobody should guess. */
const pathIn = (text: string): string => text.slice('https://github.com'.length);

function refused(field: SourceField, message: string, more: { readonly hint: string }): HubError {
  return new HubError('pedido_recusado', `O campo ${field} não é aceito.`, { errors: [{ field, message }], ...more });
}
