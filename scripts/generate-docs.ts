// Writes the generated parts of the documentation, or with --check fails when a committed part has drifted.
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { environmentSchema, secretNames } from '../src/config/environment.ts';
import { gatewayJsonSchema } from '../src/gateway/config/json-schema.ts';
import { hubTools } from '../src/hub/tools/hub-tools.ts';
import { tools } from '../src/tools/catalog.ts';
import type { DefinedTool } from '../src/tools/define-tool.ts';
import type { JsonObject } from '../src/tools/tool-source.ts';
import { bundleManifest, englishTexts } from './bundle-manifest.ts';
import { installSection, readmes } from './install-links.ts';
import { minimumVersions } from './minimum-versions.ts';
import { registryEntry } from './registry-entry.ts';

const check = process.argv.includes('--check');
const root = new URL('../', import.meta.url);
let drifted = 0;

const property = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
});

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function argumentsTable(schema: JsonObject): string {
  const { properties, required } = z
    .looseObject({ properties: z.record(z.string(), property).default({}), required: z.array(z.string()).default([]) })
    .parse(schema);
  const rows = Object.entries(properties).map(([name, { type, description = '', default: fallback, enum: values }]) => {
    const kind = values === undefined ? String(type ?? '') : values.join(' \\| ');
    const standard = fallback === undefined ? '' : JSON.stringify(fallback);
    return `| \`${name}\` | ${kind} | ${required.includes(name) && standard === '' ? 'sim' : ''} | ${standard} | ${cell(description)} |`;
  });
  if (rows.length === 0) return 'Sem argumentos.';
  return ['| argumento | tipo | obrigatório | padrão | o que é |', '|---|---|---|---|---|', ...rows].join('\n');
}

const sectionOf = ({ descriptor: { name, title, description, inputSchema } }: DefinedTool): string =>
  `## \`${name}\`\n\n**${title}.** ${description}\n\n${argumentsTable(inputSchema)}`;

const listedOnly = (): never => {
  throw new TypeError('these tools are listed here, not called');
};

const toolsPage = `# Ferramentas

Gerado a partir do catálogo (\`npm run docs\`). Todas são somente leitura para o Omie.

${tools.map(sectionOf).join('\n\n')}

# De quem administra o hub

Só com \`HUB_ENABLED\`, e só para quem apresenta \`HUB_ADMIN_TOKEN\` ou inicia o programa por stdio; para os outros não existem
([hub.md](hub.md#from-a-chat)).

${hubTools(listedOnly).map(sectionOf).join('\n\n')}
`;

const settings = Object.entries(environmentSchema.shape).map(([name, schema]) => {
  const parsed = schema.safeParse(undefined);
  const standard = parsed.success && parsed.data !== undefined ? `\`${String(parsed.data) || 'vazio'}\`` : '';
  const secret = secretNames.some((known) => known === name) ? ` Também como \`${name}_FILE\`.` : '';
  return `| \`${name}\` | ${standard} | ${cell((schema.description ?? '') + secret)} |`;
});
const configurationPage = `# Configuração

Gerado a partir do esquema (\`npm run docs\`). Ordem: opção da linha de comando > variável de ambiente > \`.env\` > padrão.

| variável | padrão | o que faz |
|---|---|---|
${settings.join('\n')}
`;

const versionRows = minimumVersions.map(
  ({ name, fixedIn, advisory, why }) => `| \`${name}\` | ${fixedIn.join(', ')} | ${advisory} | ${cell(why)} |`,
);
const dependenciesPage = `# Minimum safe versions

Generated from \`scripts/minimum-versions.ts\` (\`npm run docs\`); a test holds every copy in the lockfile to it. Several versions
mean one for each major line. What was found after this release is not here: run \`npm audit\` as well.

| package | safe from | advisory | what the hole did |
|---|---|---|---|
${versionRows.join('\n')}
`;

const toolRows = tools.map(
  ({ descriptor }) => `| \`${descriptor.name}\` | ${cell(descriptor.description.split('. ')[0] ?? '')}. |`,
);
const toolsTable = `| ferramenta | o que responde |\n|---|---|\n${toolRows.join('\n')}`;

function put(path: string, content: string): void {
  const url = new URL(path, root);
  let now = '';
  try {
    now = readFileSync(url, 'utf8');
  } catch {
    // Not written yet.
  }
  if (now === content) return;
  if (check) {
    drifted += 1;
    process.stderr.write(`${path} não combina com o código: rode npm run docs\n`);
  } else writeFileSync(url, content);
}

function putBetween(path: string, marker: string, content: string): void {
  const text = readFileSync(new URL(path, root), 'utf8');
  const [open, close] = [`<!-- ${marker} -->`, `<!-- /${marker} -->`];
  const start = text.indexOf(open);
  const end = text.indexOf(close);
  if (start === -1 || end === -1) throw new Error(`${path} has no ${open} … ${close}`);
  put(path, `${text.slice(0, start + open.length)}\n${content}\n${text.slice(end)}`);
}

put('docs/tools.md', toolsPage);
put('docs/configuration.md', configurationPage);
put('docs/dependencies.md', dependenciesPage);
for (const [path, value] of [
  ['docs/schemas/gateway.schema.json', gatewayJsonSchema()],
  ['server.json', registryEntry],
  ['manifest.json', bundleManifest],
  ['mcpb-resources/en-US.json', englishTexts],
] as const) {
  put(path, `${JSON.stringify(value, null, 2)}\n`);
}
for (const readme of readmes) {
  putBetween(readme, 'tools', toolsTable);
  putBetween(readme, 'install', installSection(readme));
}
process.exitCode = drifted === 0 ? 0 : 1;
