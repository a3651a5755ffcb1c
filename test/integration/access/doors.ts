// Every way of naming a company to the server, and what the answer must be.

import type { KnownCompany, Oracle } from './oracle.ts';
import type { Answer } from './speakers.ts';

export interface Question {
  readonly oracle: Oracle;
  readonly company: KnownCompany;
  /** How the company is named: id, nome, CNPJ… */
  readonly reference: string;
}

export interface Door {
  readonly name: string;
  request(reference: string): readonly [method: string, params: Record<string, unknown>];
  /** Whether the principal may have the company's data through this door. */
  allowed(question: Question): boolean;
  /** What is wrong with the answer; undefined when nothing is. */
  judge(answer: Answer, question: Question): string | undefined;
}

const titleTools = ['consultar_contas_pagar_empresa', 'consultar_contas_receber_empresa'];

const companyTool = (name: string): Door => ({
  name,
  request: (company_id) => ['tools/call', { name, arguments: { company_id, registros_por_pagina: 1 } }],
  allowed: ({ oracle, company }) => oracle.mayCall(name) && oracle.visible.has(company.id),
  judge({ result }, question) {
    const { structuredContent: body, isError, content } = result;
    if (JSON.stringify(JSON.parse(content[0].text)) !== JSON.stringify(body)) return 'text and structure differ';
    if (this.allowed(question)) return body?.empresa?.id === question.company.id ? undefined : 'a right was refused';
    if (isError !== true) return 'no failure';
    if (!question.oracle.mayCall(name)) return body.erro.codigo === 'sem_permissao' ? undefined : 'wrong code';
    return unknownCompany(body.erro, question.reference);
  },
});

const dashboard: Door = {
  name: 'dashboard',
  request: (reference) => ['resources/read', { uri: `omie://dashboard/${encodeURIComponent(reference)}` }],
  allowed: ({ oracle, company }) => titleTools.every(oracle.mayCall) && oracle.visible.has(company.id),
  judge({ result, error }, question) {
    if (this.allowed(question)) {
      return JSON.parse(result?.contents?.[0]?.text ?? '{}').empresa?.id === question.company.id
        ? undefined
        : 'a right was refused';
    }
    if (error === undefined) return 'no failure';
    if (!titleTools.every(question.oracle.mayCall)) {
      return error.message === 'Não existe esse recurso.' ? undefined : `wrong failure: ${error.message}`;
    }
    return error.message === error.data.mensagem ? unknownCompany(error.data, question.reference) : 'two messages';
  },
};

const prompt: Door = {
  name: 'prompt',
  request: (company_id) => ['prompts/get', { name: 'financial-analysis', arguments: { company_id } }],
  allowed: ({ oracle, company }) => oracle.visible.has(company.id),
  judge({ result, error }, question) {
    if (this.allowed(question)) {
      const text = result?.messages?.[0]?.content?.text ?? '';
      return text.includes(`"${question.company.id}"`) ? undefined : 'a right was refused';
    }
    return error === undefined ? 'no failure' : unknownCompany(error.data, question.reference);
  },
};

const completion = (ref: Record<string, string>): Door => ({
  name: `completion of ${ref['type']}`,
  request: (value) => ['completion/complete', { ref, argument: { name: 'company_id', value } }],
  allowed: ({ oracle, company }) => oracle.visible.has(company.id),
  judge({ result }, { oracle, company, reference }) {
    const values: string[] = result?.completion?.values ?? ['(none)'];
    if (result?.completion?.total !== values.length) return 'a count of more than is shown';
    if (values.some((id) => !oracle.visible.has(id))) return 'a hidden company is suggested';
    return reference !== company.id || values.includes(company.id) === oracle.visible.has(company.id)
      ? undefined
      : 'a visible company is missing';
  },
});

const sameIds = (items: { id: string }[], oracle: Oracle): string | undefined =>
  JSON.stringify(items.map(({ id }) => id).sort()) === JSON.stringify([...oracle.visible].sort())
    ? undefined
    : 'not the visible companies';

const listCompanies: Door = {
  name: 'listar_empresas',
  request: () => ['tools/call', { name: 'listar_empresas', arguments: {} }],
  allowed: ({ oracle }) => oracle.mayCall('listar_empresas'),
  judge({ result }, question) {
    const { empresas, total, erro } = result.structuredContent;
    if (!this.allowed(question)) return erro?.codigo === 'sem_permissao' ? undefined : 'no failure';
    return total === question.oracle.visible.size ? sameIds(empresas, question.oracle) : 'wrong total';
  },
};

const companiesResource: Door = {
  name: 'companies resource',
  request: () => ['resources/read', { uri: 'omie://companies' }],
  allowed: () => true,
  judge: ({ result }, { oracle }) => sameIds(JSON.parse(result.contents[0].text).empresas, oracle),
};

const reload: Door = {
  name: 'reload_credenciais',
  request: () => ['tools/call', { name: 'reload_credenciais', arguments: {} }],
  allowed: ({ oracle }) => oracle.mayCall('reload_credenciais'),
  judge({ result }, question) {
    const { empresas_disponiveis, erro } = result.structuredContent;
    if (!this.allowed(question)) return erro?.codigo === 'sem_permissao' ? undefined : 'no failure';
    return sameIds(
      empresas_disponiveis.map((id: string) => ({ id })),
      question.oracle,
    );
  },
};

const toolList: Door = {
  name: 'tools/list',
  request: () => ['tools/list', {}],
  allowed: () => true,
  judge({ result }, { oracle }) {
    const names: string[] = result.tools.map(({ name }: { name: string }) => name);
    const all = [...titleTools, 'listar_empresas', 'consultar_categorias_empresa', 'reload_credenciais'];
    const right = all.filter(oracle.mayCall).sort();
    return JSON.stringify(names.sort()) === JSON.stringify(right) ? undefined : `tools: ${names.join()}`;
  },
};

const subscribe: Door = {
  name: 'subscribe',
  request: (reference) => ['resources/subscribe', { uri: `omie://dashboard/${encodeURIComponent(reference)}` }],
  allowed: () => true,
  // The same for what exists and what does not.
  judge: ({ result }) => (JSON.stringify(result) === '{}' ? undefined : 'subscribing tells something'),
};

export const doors: readonly Door[] = [
  ...['consultar_categorias_empresa', ...titleTools].map(companyTool),
  dashboard,
  prompt,
  completion({ type: 'ref/prompt', name: 'financial-analysis' }),
  completion({ type: 'ref/resource', uri: 'omie://dashboard/{company_id}' }),
  listCompanies,
  companiesResource,
  reload,
  toolList,
  subscribe,
];

/** The failure must be the one of a company that never was, to the letter. */
function unknownCompany(erro: Record<string, unknown>, reference: string): string | undefined {
  const { codigo, mensagem, sugestao, id_requisicao, ...rest } = erro;
  if (codigo !== 'empresa_nao_encontrada') return `wrong code ${codigo}`;
  if (mensagem !== `Nenhuma empresa atende por "${reference.trim()}".`) return `wrong message ${mensagem}`;
  if (typeof sugestao !== 'string' || typeof id_requisicao !== 'string') return 'no hint or no id';
  return JSON.stringify(rest) === '{"tente_novamente":false}' ? undefined : `more than that: ${JSON.stringify(rest)}`;
}

/** Texts of an answer, without what the asker typed: the echo in the message, and the URI asked for. */
export function textsOf(answer: Answer, reference: string): string {
  const echo = new Set([
    `Nenhuma empresa atende por "${reference.trim()}".`,
    `omie://dashboard/${encodeURIComponent(reference)}`,
  ]);
  const texts: string[] = [];
  JSON.stringify(answer, (key, value: unknown) => {
    // The text of a tool's result repeats the structure, which is walked anyway: the doors check that.
    if (key === 'content') return undefined;
    // A visible company's books may name another company of the house as its customer: that is data, not a door.
    if (key === 'contraparte') return undefined;
    if (typeof value === 'string' && !echo.has(value)) texts.push(value);
    return value;
  });
  return texts.join('\n');
}
