/** Registering and changing titles. Altering is a patch; an upsert is not: whatever it leaves out is reset. */
import { splitAmount } from '../balance.ts';
import type { Day } from '../dates.ts';
import { type Title, type TitleKind, taxes } from '../model.ts';
import { duplicateIntegrationCode, notFoundById, refused, required, unknownProject } from '../omie-fault.ts';
import { toCentavos, type WireObject } from '../wire.ts';
import { findClient } from './client-lookup.ts';
import { type CallContext, stampOf } from './define-call.ts';
import type { TitleFields } from './title-fields.ts';
import { findTitle } from './title-lookup.ts';

/** The registration date has another name on each side. */
export interface TitleWrite {
  fields: TitleFields;
  registered: Day | undefined;
}

export function includeTitle(kind: TitleKind, write: TitleWrite, context: CallContext): WireObject {
  const { company } = context;
  const code = write.fields.codigo_lancamento_integracao;
  if (!code) throw required('codigo_lancamento_integracao');
  if (company.titleByIntegrationCode(kind, code)) throw duplicateIntegrationCode('Lançamento já cadastrado', code);
  const title = blankTitle(kind, company.newId(), context);
  applyFields(title, completed(write, context), context);
  company.addTitle(title);
  return written(title, 'Lançamento cadastrado com sucesso!');
}

export function alterTitle(kind: TitleKind, write: TitleWrite, context: CallContext): WireObject {
  const { codigo_lancamento_omie: id, codigo_lancamento_integracao: code } = write.fields;
  const title = findTitle(context, kind, id, code);
  // On a copy first: a refusal half-way must leave the title as it was.
  const draft: Title = { ...title, taxes: { ...title.taxes } };
  applyFields(draft, write, context);
  Object.assign(title, draft);
  context.company.touch();
  return written(title, 'Lançamento alterado com sucesso!');
}

export function upsertTitle(kind: TitleKind, write: TitleWrite, context: CallContext): WireObject {
  const { company } = context;
  const { codigo_lancamento_omie: id, codigo_lancamento_integracao: code } = write.fields;
  const known = id
    ? findTitle(context, kind, id, undefined)
    : code
      ? company.titleByIntegrationCode(kind, code)
      : undefined;
  if (!known) return includeTitle(kind, write, context);
  const { integrationCode, payments, created, viaApi } = known;
  const title: Title = { ...blankTitle(kind, known.id, context), integrationCode, payments, created, viaApi };
  applyFields(title, completed(write, context), context);
  company.addTitle(title);
  return written(title, 'Lançamento alterado com sucesso!');
}

export function removeTitle(
  kind: TitleKind,
  id: number | undefined,
  code: string | undefined,
  context: CallContext,
): WireObject {
  const title = findTitle(context, kind, id, code);
  if (title.payments.length > 0) throw refused('Não é possível excluir um lançamento que possui baixas!');
  context.company.removeTitle(title, stampOf(context));
  return written(title, 'Lançamento excluído com sucesso!');
}

export const written = (title: Title, sentence: string): WireObject => ({
  codigo_lancamento_integracao: title.integrationCode,
  codigo_lancamento_omie: title.id,
  codigo_status: '0',
  descricao_status: sentence,
});

/** What a new title must say, and what Omie fills in for it. */
function completed(write: TitleWrite, { company }: CallContext): TitleWrite {
  const { fields } = write;
  if (!fields.codigo_cliente_fornecedor && !fields.codigo_cliente_fornecedor_integracao) {
    throw required('codigo_cliente_fornecedor');
  }
  if (fields.data_vencimento === undefined) throw required('data_vencimento');
  if (fields.valor_documento === undefined) throw required('valor_documento');
  if (!fields.codigo_categoria && !fields.categorias?.length) throw required('codigo_categoria');
  const firstAccount = [...company.accounts.values()].find((account) => account.active);
  const account = fields.id_conta_corrente ?? firstAccount?.id;
  if (account === undefined) throw required('id_conta_corrente', 1020);
  return {
    ...write,
    fields: { ...fields, data_previsao: fields.data_previsao ?? fields.data_vencimento, id_conta_corrente: account },
  };
}

function blankTitle(kind: TitleKind, id: number, context: CallContext): Title {
  const stamp = stampOf(context);
  const payable = kind === 'payable';
  return {
    id,
    kind,
    integrationCode: '',
    clientId: 0,
    amount: 0,
    issued: context.today,
    registered: context.today,
    due: context.today,
    expected: context.today,
    categories: [],
    departments: [],
    taxes: {},
    payments: [],
    accountId: 0,
    documentType: '99999',
    documentNumber: '',
    fiscalNumber: '',
    installment: '001/001',
    origin: payable ? 'APIP' : 'APIR',
    operation: payable ? '21' : '11',
    barcode: '',
    created: stamp,
    changed: stamp,
    viaApi: true,
  };
}

/** Writes the given fields, and only those. */
function applyFields(title: Title, { fields, registered }: TitleWrite, context: CallContext): void {
  const { company } = context;
  if (fields.codigo_cliente_fornecedor || fields.codigo_cliente_fornecedor_integracao) {
    const { codigo_cliente_fornecedor: id, codigo_cliente_fornecedor_integracao: code } = fields;
    title.clientId = findClient(context, id, code).id;
  }
  if (fields.codigo_projeto !== undefined && fields.codigo_projeto !== 0) {
    if (!company.projects.has(fields.codigo_projeto)) throw unknownProject();
    title.projectId = fields.codigo_projeto;
  }
  if (fields.id_conta_corrente !== undefined && !company.accounts.has(fields.id_conta_corrente)) {
    throw notFoundById('Conta corrente não cadastrada', fields.id_conta_corrente);
  }
  title.accountId = fields.id_conta_corrente ?? title.accountId;
  title.integrationCode = fields.codigo_lancamento_integracao || title.integrationCode;
  title.due = fields.data_vencimento ?? title.due;
  title.expected = fields.data_previsao ?? title.expected;
  title.issued = fields.data_emissao ?? title.issued;
  title.registered = registered ?? title.registered;
  title.amount = fields.valor_documento === undefined ? title.amount : toCentavos(fields.valor_documento);
  title.documentType = fields.codigo_tipo_documento ?? title.documentType;
  title.documentNumber = fields.numero_documento ?? title.documentNumber;
  // Fiscal numbers come back padded with zeros, however they were sent.
  title.fiscalNumber = fields.numero_documento_fiscal?.padStart(8, '0') ?? title.fiscalNumber;
  title.installment = fields.numero_parcela ?? title.installment;
  title.barcode = fields.codigo_barras_ficha_compensacao ?? title.barcode;
  if (fields.observacao !== undefined) title.notes = fields.observacao;
  if (fields.chave_nfe !== undefined) title.invoiceKey = fields.chave_nfe;
  if (fields.codigo_vendedor !== undefined) title.sellerId = fields.codigo_vendedor;
  if (fields.numero_pedido !== undefined) title.orderNumber = fields.numero_pedido;
  applyShares(title, fields, context);
  applyTaxes(title, fields);
  title.changed = stampOf(context);
}

function applyShares(title: Title, fields: TitleFields, { company }: CallContext): void {
  const asked = fields.categorias?.length
    ? fields.categorias.map((share) => ({ code: share.codigo_categoria ?? '', percent: share.percentual ?? 0 }))
    : fields.codigo_categoria
      ? [{ code: fields.codigo_categoria, percent: 100 }]
      : title.categories;
  for (const { code } of asked) {
    if (!company.categories.has(code)) throw notFoundById('Categoria não cadastrada', code);
  }
  title.categories = shared(title.amount, asked);
  const departments = fields.distribuicao?.map((share) => ({ code: share.cCodDep ?? '', percent: share.nPerDep ?? 0 }));
  for (const { code } of departments ?? []) {
    if (!company.departments.has(code)) throw notFoundById('Departamento não cadastrado', code);
  }
  title.departments = shared(title.amount, departments ?? title.departments);
}

function shared(amount: number, shares: readonly { code: string; percent: number }[]) {
  const percents = shares.map((share) => share.percent);
  const sum = percents.reduce((total, percent) => total + percent, 0);
  if (shares.length > 0 && Math.abs(sum - 100) > 0.001)
    throw refused('A soma dos percentuais do rateio deve ser 100%!');
  const amounts = splitAmount(amount, percents);
  return shares.map(({ code, percent }, index) => ({ code, percent, amount: amounts[index] ?? 0 }));
}

function applyTaxes(title: Title, fields: TitleFields): void {
  for (const tax of taxes) {
    const value = fields[`valor_${tax}`];
    const withheld = fields[`retem_${tax}`];
    if (value === undefined && withheld === undefined) continue;
    const before = title.taxes[tax];
    title.taxes[tax] = {
      amount: value === undefined ? (before?.amount ?? 0) : toCentavos(value),
      withheld: withheld === undefined ? (before?.withheld ?? false) : withheld === 'S',
    };
  }
}
