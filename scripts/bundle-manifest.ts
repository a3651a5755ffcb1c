// manifest.json: the Claude Desktop extension (MCPB manifest 0.3). Texts in Portuguese; English ones beside it.

import { financialAnalysis, financialAnalysisMessages } from '../src/prompts/financial-analysis.ts';
import { tools } from '../src/tools/catalog.ts';
import { displayName, packageFacts } from './package-facts.ts';
import { settingFacts } from './setting-facts.ts';

const firstSentence = (text: string): string => `${text.split('. ')[0]}.`;

/** The steps of the server's own prompt; its first paragraph names a company that the host has not resolved. */
function promptText(): string {
  const nobody = { id: '', nome: '', cnpj: '', ambiente: 'producao', grupos: [] } as const;
  const { text } = financialAnalysisMessages(nobody, 'monthly', '')[0]?.content ?? {};
  const steps = String(text).slice(String(text).indexOf('\n\n1.'));
  return `Analise as finanças da empresa \${arguments.company_id} no período \${arguments.period} (sem período: monthly, o mês corrente).${steps}`;
}

function text(name: 'OMIE_BASE_URL' | 'MCP_LOG_LEVEL' | 'CREDENTIALS_FILE' | 'MASK_CPF') {
  const { description, standard } = settingFacts(name);
  return { description, ...(standard !== undefined && { default: standard }) };
}

export const bundleManifest = {
  manifest_version: '0.3',
  name: packageFacts.name,
  display_name: displayName,
  version: packageFacts.version,
  description: 'Contas a pagar e a receber de muitas empresas no Omie, com totais que dizem se estão inteiros.',
  long_description:
    'Pergunte quem deve, o que está vencido em todas as empresas e o que vence esta semana. Somente leitura no Omie. ' +
    'As chaves ficam no arquivo de credenciais que você escolhe, no seu computador; as respostas vão para o assistente. ' +
    'O que isso significa para dados de pessoas (CPF) está em docs/lgpd.md, dentro da extensão.\n\n' +
    'Exemplos: "Quem nos deve mais de 30 dias na Empresa Alpha?", "O que vence esta semana em todas as empresas?", ' +
    '"Quanto devemos ao fornecedor de CNPJ 12.345.678/0001-95?".',
  author: { name: `the ${packageFacts.name} contributors` },
  icon: 'icon.png',
  license: packageFacts.license,
  keywords: packageFacts.keywords,
  localization: { resources: 'mcpb-resources/${locale}.json', default_locale: 'pt-BR' },
  server: {
    type: 'node',
    entry_point: 'dist/main.js',
    mcp_config: {
      command: 'node',
      args: ['${__dirname}/dist/main.js', 'serve', '--transports', 'stdio'],
      env: {
        CREDENTIALS_FILE: '${user_config.credentials_file}',
        OMIE_BASE_URL: '${user_config.omie_base_url}',
        MASK_CPF: '${user_config.mask_cpf}',
        MCP_LOG_LEVEL: '${user_config.log_level}',
      },
    },
  },
  user_config: {
    // No default: the server's own is relative to a folder that the host chooses.
    credentials_file: {
      type: 'file',
      title: 'Arquivo de credenciais',
      description: `${settingFacts('CREDENTIALS_FILE').description} O modelo é o credentials.example.json.`,
      required: true,
    },
    // Every other one has a default: a host leaves "${user_config.x}" standing where there is no value.
    mask_cpf: { type: 'boolean', title: 'Mascarar CPF', ...text('MASK_CPF'), required: false },
    omie_base_url: { type: 'string', title: 'Endereço da API do Omie', ...text('OMIE_BASE_URL'), required: false },
    log_level: { type: 'string', title: 'Nível do log', ...text('MCP_LOG_LEVEL'), required: false },
  },
  tools: tools.map(({ descriptor }) => ({
    name: descriptor.name,
    description: firstSentence(descriptor.description),
  })),
  prompts: [
    {
      name: financialAnalysis.name,
      description: financialAnalysis.description,
      arguments: financialAnalysis.arguments.map(({ name }) => name),
      text: promptText(),
    },
  ],
  compatibility: { platforms: ['darwin', 'win32', 'linux'], runtimes: { node: packageFacts.engines.node } },
};

/** Overrides for hosts whose user reads English; tools stay in the language of their answers. */
export const englishTexts = {
  display_name: 'Omie: many companies',
  description:
    'Payables and receivables of many companies in the ERP Omie, with totals that say whether they are whole.',
  long_description:
    'Ask who owes us, what is overdue in all companies and what is due this week. Read-only towards Omie. The keys stay ' +
    'in the credentials file you choose, on your computer; answers go to the assistant. Answers are in Portuguese.',
};
