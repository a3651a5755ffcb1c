/** The built program with its hub, everything it asks answered on loopback, and the page at `/` in a browser. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { type Gate, openGate } from './gate.ts';
import { GitHubServer } from './github-server.ts';
import { McpRegistryServer } from './mcp-registry.ts';
import { MARKUP, notesFolder, notesPackage } from './notes-server.ts';
import { startNpmRegistry } from './npm-registry.ts';
import { type Program, startBench } from './program.ts';

export const adminToken = 'token-de-administracao-do-hub-0001';

export interface PageHub {
  readonly gate: Gate;
  /** Of the page, through the gate. */
  readonly origin: string;
  ask(method: string, path: string, body?: object): Promise<Response>;
  /** @returns the server's id */
  deploy(request: object): Promise<string>;
  /** No server is left. */
  clear(): Promise<void>;
  /** Another one in its place, with another token. */
  restart(token: string): Promise<void>;
  close(): Promise<void>;
}

/** `hostile: false`: nothing that was found or deployed tries to be more than text. */
export async function startPageHub({ hostile = true } = {}): Promise<PageHub> {
  const closers: (() => Promise<unknown>)[] = [];
  const keep = <T extends { close(): Promise<unknown> }>(one: T): T => {
    closers.push(() => one.close());
    return one;
  };
  const dataDir = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-page-'));
  closers.push(() => rm(dataDir, { recursive: true, force: true }));
  const localDir = join(dataDir, 'local');
  await writeFolder(join(localDir, 'notas'), notesFolder('notas'));
  await writeFolder(join(localDir, 'hostil'), notesFolder('hostil', MARKUP));
  const npm = keep(await startNpmRegistry([notesPackage]));
  const github = keep(
    await GitHubServer.start(
      [
        {
          fullName: 'exemplo/notas-mcp',
          description: `Notas para equipes${hostile ? ` ${MARKUP}` : ', com busca e etiquetas.'}`,
          stars: 412,
          files: { Dockerfile: 'FROM node:24' },
        },
        {
          fullName: 'outra/notas-antigas',
          description: 'Um servidor de notas de outro tempo.',
          stars: 3,
          archived: true,
        },
      ],
      () => new Date(),
    ),
  );
  const registry = keep(await McpRegistryServer.start(entries));
  const bench = keep(await startBench({ companies: 3 }));
  const start = (HUB_ADMIN_TOKEN: string): Program =>
    bench.run(['serve', '--transports', 'http'], {
      HUB_ENABLED: 'true',
      HUB_ADMIN_TOKEN,
      HUB_DATA_DIR: join(dataDir, 'data'),
      HUB_LOCAL_DIR: localDir,
      HUB_NPM_REGISTRY: npm.url,
      HUB_START_TIMEOUT_SECONDS: '110',
      GITHUB_API_URL: github.url,
      MCP_REGISTRY_URL: registry.url,
    });
  let token = adminToken;
  let program = start(token);
  let port = await program.port();
  const gate = keep(await openGate(port));
  const ask: PageHub['ask'] = (method, path, body) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(60_000),
    });
  return {
    gate,
    origin: gate.origin,
    ask,
    async deploy(request) {
      const answer = await ask('POST', '/api/deploy', request);
      return idShape.parse(await answer.json()).id;
    },
    async clear() {
      const { servers } = listShape.parse(await (await ask('GET', '/api/servers')).json());
      await Promise.all(servers.map(({ id }) => ask('DELETE', `/api/servers/${id}`)));
    },
    async restart(other) {
      token = other;
      program.kill('SIGTERM');
      await program.exit();
      program = start(token);
      port = await program.port();
      gate.leadTo(port);
    },
    async close() {
      for (const close of closers.reverse()) await close();
    },
  };
}

const idShape = z.object({ id: z.string() });
const listShape = z.object({ servers: z.array(idShape) });

const entries = [
  {
    server: {
      name: 'br.com.exemplo/notas',
      description: 'Guarda e lista notas da equipe, em memória.',
      version: '1.4.0',
      repository: { url: 'https://github.com/exemplo/notas', source: 'github' },
      packages: [
        {
          registryType: 'npm',
          identifier: notesPackage.name,
          version: notesPackage.version,
          transport: { type: 'stdio' },
          environmentVariables: [{ name: 'NOTAS_IDIOMA', description: 'Idioma das respostas.', isRequired: false }],
        },
      ],
    },
  },
  {
    server: {
      name: 'io.github.outra/notas-na-nuvem',
      description: 'Notas num serviço que já está no ar.',
      version: '0.9.0',
      remotes: [{ type: 'streamable-http', url: 'https://notas.example.com/mcp' }],
    },
  },
];

async function writeFolder(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

/** Types the token and waits until the page is live. */
export async function logIn(page: Page, token = adminToken): Promise<void> {
  await page.getByLabel('Token de administração').fill(token);
  await page.getByRole('button', { name: 'Entrar' }).click();
  await page.getByText('Ao vivo', { exact: true }).waitFor();
}
