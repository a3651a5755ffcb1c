import { describe, expect, it } from 'vitest';
import { composeServer } from '../../../../src/hub/repositories/compose-server.ts';

const read = (text: string, folder = '') => composeServer(text, 'compose.yaml', folder);
const one = (lines: string): string => `services:\n  mcp:\n${lines.replaceAll(/^/gm, '    ')}\n`;
const refusal = (text: string, folder = ''): string => {
  const found = read(text, folder);
  return 'refused' in found ? found.refused : `taken: ${JSON.stringify(found)}`;
};

describe('what is taken over', () => {
  it('a build, its arguments, its port, and the names of its variables', () => {
    const text = `
x-shared: &shared
  restart: always
services:
  mcp:
    build: {context: srv, dockerfile: docker/Dockerfile.prod, target: final}
    command: [serve, "--modo", "it's a;b"]
    ports: ["127.0.0.1:8080:9000", "9000:9000/tcp", "53:53/udp"]
    environment:
      MODO: leitura
      LIMITE: 10
      API_TOKEN: canary
      DE_FORA: \${HOME}
      COM_PADRAO: \${X:-y}
      OBRIGATORIA: \${Y:?diga}
      VAZIA:
`;
    expect(read(text, 'app')).toEqual({
      name: 'mcp',
      from: { build: { context: 'app/srv', dockerfile: 'docker/Dockerfile.prod', target: 'final' } },
      args: ['serve', '--modo', "it's a;b"],
      port: 9000,
      wanted: [
        { name: 'MODO', description: 'No compose.yaml: leitura', required: false, secret: false },
        { name: 'LIMITE', description: 'No compose.yaml: 10', required: false, secret: false },
        { name: 'API_TOKEN', required: false, secret: true },
        { name: 'DE_FORA', required: false, secret: false },
        { name: 'COM_PADRAO', required: false, secret: false },
        { name: 'OBRIGATORIA', required: true, secret: false },
        { name: 'VAZIA', required: false, secret: false },
      ],
      warnings: [
        'O compose.yaml publica a porta 9000: sem port no pedido, é nela que se procura o MCP, por HTTP. Se não é a dele, diga a dele em port; um servidor de stdin e stdout se implanta com outro method.',
      ],
    });
  });

  it.each<[string, object]>([
    ['build: .', { build: { context: '', dockerfile: 'Dockerfile' } }],
    ['build: ./', { build: { context: '', dockerfile: 'Dockerfile' } }],
    ['build: {dockerfile: ./Dockerfile.mcp}', { build: { context: '', dockerfile: 'Dockerfile.mcp' } }],
    ['image: ghcr.io/dono/mcp:1.2.3', { image: 'ghcr.io/dono/mcp:1.2.3' }],
    ['image: dono/mcp:latest\nbuild: srv', { build: { context: 'srv', dockerfile: 'Dockerfile' } }],
  ])('%s', (lines, from) => {
    expect(read(one(lines))).toEqual({ name: 'mcp', from, wanted: [], warnings: [] });
  });

  it('a context above the file, as long as it is in the repository', () => {
    expect(read(one('build: ..'), 'deploy/prod')).toMatchObject({ from: { build: { context: 'deploy' } } });
  });

  it('a command in one line of plain words, and a list of variables', () => {
    const found = read(one('image: a/b:1\ncommand: python server.py --port 9000\nenvironment: [A=1=2, B]'));
    expect(found).toMatchObject({
      args: ['python', 'server.py', '--port', '9000'],
      wanted: [{ name: 'A', description: 'No compose.yaml: 1=2' }, { name: 'B' }],
    });
  });

  it('of several services the only one that is built, and not those of a profile; the others are named', () => {
    const text = `services:
  db: {image: "postgres:17"}
  mcp: {build: .}
  debug: {build: ./debug, profiles: [debug]}
`;
    const found = read(text);
    expect(found).toMatchObject({ name: 'mcp', from: { build: { context: '' } } });
    expect('warnings' in found && found.warnings).toEqual(['Do compose.yaml só roda mcp; não são iniciados: db.']);
  });
});

it('what a container of ours is never given is told of, by name', () => {
  const text = one(`build: {context: ., args: {A: b}, network: host, x-note: 1}
privileged: true
network_mode: host
pid: host
volumes: ["/:/host", "/var/run/docker.sock:/var/run/docker.sock"]
devices: [/dev/mem]
cap_add: [SYS_ADMIN]
security_opt: [seccomp=unconfined]
env_file: ../../.env
environment: {NODE_OPTIONS: "--require=/x", PATH: /x, MODO: um}
ports: ["80:80", "81:81"]
restart: always
"rm -rf": 1`);
  const found = read(text);
  expect(found).toMatchObject({
    from: { build: { context: '', dockerfile: 'Dockerfile' } },
    wanted: [{ name: 'MODO' }],
  });
  expect(found).not.toHaveProperty('port');
  expect('warnings' in found && found.warnings).toEqual([
    'O compose.yaml pede privileged, network_mode, pid, volumes, devices, cap_add, security_opt, uma chave desconhecida, build.args, build.network: nada disso é dado ao contêiner.',
    'O compose.yaml lê variáveis de um env_file, que não é lido: dê-as em env.',
    'O compose.yaml publica portas de que não se sabe qual é a do MCP: diga-a em port.',
    'O compose.yaml pede variáveis que nenhum servidor recebe: NODE_OPTIONS, PATH.',
  ]);
});

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x,x]',
  ...'bcdefghij'.split('').map((name, index) => {
    const before = 'abcdefghij'[index];
    return `${name}: &${name} [${Array(10).fill(`*${before}`).join(',')}]`;
  }),
  'services: {mcp: {build: ., x-bomb: *j}}',
].join('\n');

it.each<[why: string, text: string, expected: RegExp]>([
  ['anchors of anchors', bomb, /não é um YAML/],
  ['an anchor of itself', 'services: &s {mcp: *s}', /não é um YAML/],
  ['lists without end', `services: ${'['.repeat(20_000)}`, /não é um YAML/],
  ['more than a megabyte', `services: {mcp: {build: .}}\n#${'x'.repeat(1_048_576)}`, /não é um YAML/],
  ['no YAML', 'services: {mcp', /não é um YAML/],
  ['a tag', one('build: !!js/function "x"'), /não é um YAML/],
  ['a key twice', 'services: {a: {build: .}, a: {build: .}}', /não é um YAML/],
  ['a list', '- a', /não declara serviços/],
  ['nothing', '', /não é um YAML/],
  ['no service', 'services: {}', /nenhum serviço/],
  ['only profiles', 'services: {a: {build: ., profiles: [x]}}', /nenhum serviço/],
  ['services that are none', 'services: [a]', /não declara serviços/],
  ['a service that is none', 'services: {a: 1}', /fora do formato/],
  ['other files', 'include: [../x.yaml]\nservices: {a: {build: .}}', /include/],
  ['a name with control characters', 'services: {"a\\e[2J\\n": {build: .}}', /nome de serviço que não é aceito/],
  ['a name that turns the line', 'services: {"a\\u202eb": {build: .}}', /nome de serviço que não é aceito/],
  ['a merge', 'x: &x {build: .}\nservices: {a: {<<: *x}}', /<</],
  ['another service', one('extends: {file: /etc/x, service: y}'), /extends/],
  ['another program', one('build: .\nentrypoint: [sh, -c, id]'), /entrypoint/],
  ['two that are built', 'services: {a: {build: .}, b: {build: ./b}}', /vários serviços \(a, b\)/],
  ['two images', 'services: {a: {image: "a/b:1"}, b: {image: "a/c:1"}}', /vários serviços \(a, b\)/],
  ['neither build nor image', one('restart: always'), /não diz build/],
  ['a context outside', one('build: ../..'), /pasta de fora do repositório/],
  ['an absolute context', one('build: /etc'), /pasta de fora do repositório/],
  ['a context at an address', one('build: https://github.com/x/y.git'), /pasta de fora do repositório/],
  ['a context of ssh', one('build: git@github.com:x/y.git'), /pasta de fora do repositório/],
  ['a context with a variable', one('build: ${PWD}'), /pasta de fora do repositório/],
  ['an empty context', one('build: ""'), /pasta de fora do repositório/],
  ['a context for a shell', one('build: "a;id"'), /pasta de fora do repositório/],
  ['a context that climbs in the middle', one('build: a/../../b'), /pasta de fora do repositório/],
  ['a Dockerfile outside', one('build: {dockerfile: ../../etc/passwd}'), /Dockerfile de fora/],
  ['an absolute Dockerfile', one('build: {dockerfile: /etc/passwd}'), /Dockerfile de fora/],
  ['a Dockerfile at an address', one('build: {dockerfile: "https://x/Dockerfile"}'), /Dockerfile de fora/],
  ['a Dockerfile that is a folder', one('build: {dockerfile: .}'), /Dockerfile de fora/],
  ['a Dockerfile in the file itself', one('build: {dockerfile_inline: "FROM x"}'), /não é construído de um arquivo/],
  ['a target of a shell', one('build: {target: "a b"}'), /target/],
  ['a target that is an option', one('build: {target: --push}'), /target/],
  ['an image for a shell', one('image: "a/b:1; touch pwned"'), /imagem com tag/],
  ['an image of a variable', one('image: "a/b:${TAG}"'), /imagem com tag/],
  ['an image without a tag', one('image: a/b'), /imagem com tag/],
  ['the latest image', one('image: a/b:latest'), /imagem com tag/],
  ['an image that is an option', one('image: "--privileged"'), /imagem com tag/],
  ['a command of a shell', one('build: .\ncommand: sh -c "touch pwned"'), /command/],
  ['a command with a variable', one('build: .\ncommand: [serve, "${HOME}"]'), /command/],
  ['an option of node', one('build: .\ncommand: [node, --require=/x]'), /command/],
  ['a command with escapes', one('build: .\ncommand: ["\\e[2J"]'), /command/],
  ['a variable that is none', one('build: .\nenvironment: {"A B": 1}'), /nome de variável/],
  ['too many variables', one(`build: .\nenvironment: [${Array.from({ length: 51 }, (_, n) => `A${n}`)}]`), /50/],
])('%s is no server', (_why, text, expected) => {
  expect(refusal(text)).toMatch(expected);
  expect(refusal(text)).not.toMatch(/^taken|pwned|\p{C}/u);
});
