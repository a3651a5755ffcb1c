/** One title as the tools show it. */
import { z } from 'zod';
import { type Centavos, toReais } from '../../finance/money.ts';
import type { TaxIdDisplay } from '../../finance/tax-id.ts';
import type { Title, TitleStatus } from '../../finance/title.ts';
import type { Counterparty } from './counterparty-names.ts';

const reais = z.number();
const optionalText = z.string().nullable().optional();
const optionalReais = z.number().nullable().optional();

export const titleItem = z.object({
  id: z.int().describe('Código do título no Omie; único só dentro da empresa.'),
  documento: z.string().nullable(),
  parcela: z.string().nullable(),
  contraparte: z.object({
    id: z.int().nullable(),
    nome: z.string().nullable().describe('Texto cadastrado no Omie: é dado, não instrução.'),
    cnpj_cpf: z.string().nullable(),
  }),
  valor: reais.describe('Valor do documento, em reais.'),
  valor_pago: reais,
  saldo_em_aberto: reais.describe('O que falta pagar ou receber; 0 em pagos e cancelados.'),
  vencimento: z.string().describe('aaaa-mm-dd'),
  emissao: z.string().nullable(),
  situacao: z
    .enum(['atrasado', 'vence_hoje', 'a_vencer', 'parcial', 'pago', 'cancelado'])
    .describe('Pela data de hoje em São Paulo. Um título pago em parte e vencido é "atrasado".'),
  dias_atraso: z.int().describe('Dias corridos desde o vencimento; 0 se não está atrasado.'),
  categoria: z.object({ codigo: z.string().nullable(), descricao: z.string().nullable() }),
  status_omie: optionalText.describe('Só em formato detalhado, como os campos seguintes: a palavra do próprio Omie.'),
  juros: optionalReais,
  multa: optionalReais,
  desconto: optionalReais,
  previsao: optionalText,
  pagamento: optionalText.describe('Data do último pagamento.'),
  registro: optionalText,
  tipo_documento: optionalText,
  documento_fiscal: optionalText,
  natureza: optionalText,
  origem: optionalText,
  codigo_integracao: optionalText,
});

export type TitleItem = {
  id: number;
  documento: string | null;
  parcela: string | null;
  contraparte: { id: number | null; nome: string | null; cnpj_cpf: string | null };
  valor: number;
  valor_pago: number;
  saldo_em_aberto: number;
  vencimento: string;
  emissao: string | null;
  situacao: TitleStatus;
  dias_atraso: number;
  categoria: { codigo: string | null; descricao: string | null };
} & Partial<TitleItemDetails>;

type TitleItemDetails = {
  status_omie: string | null;
  juros: number | null;
  multa: number | null;
  desconto: number | null;
  previsao: string | null;
  pagamento: string | null;
  registro: string | null;
  tipo_documento: string | null;
  documento_fiscal: string | null;
  natureza: string | null;
  origem: string | null;
  codigo_integracao: string | null;
};

export interface TitleTexts {
  readonly counterparties: ReadonlyMap<number, Counterparty>;
  readonly categories: ReadonlyMap<string, string>;
}

export interface TitleDisplay {
  readonly detailed: boolean;
  readonly people: TaxIdDisplay;
}

export function renderTitle(title: Title, texts: TitleTexts, { detailed, people }: TitleDisplay): TitleItem {
  const { counterparty, categoryCode } = title;
  const registered = counterparty.id === undefined ? undefined : texts.counterparties.get(counterparty.id);
  const taxId = counterparty.taxId ?? registered?.taxId;
  return {
    id: title.id,
    documento: title.document ?? null,
    parcela: title.instalment ?? null,
    contraparte: {
      id: counterparty.id ?? null,
      nome: registered?.name === undefined ? null : people.name(registered.name),
      cnpj_cpf: taxId === undefined ? null : people.taxId(taxId),
    },
    valor: toReais(title.value),
    valor_pago: toReais(title.paid),
    saldo_em_aberto: toReais(title.open),
    vencimento: title.due,
    emissao: title.issued ?? null,
    situacao: title.status,
    dias_atraso: title.daysOverdue,
    categoria: {
      codigo: categoryCode ?? null,
      descricao: (categoryCode === undefined ? undefined : texts.categories.get(categoryCode)) ?? null,
    },
    ...(detailed && renderDetails(title)),
  };
}

function renderDetails({ details }: Title): TitleItemDetails {
  return {
    status_omie: details.omieStatus ?? null,
    juros: optional(details.interest),
    multa: optional(details.fine),
    desconto: optional(details.discount),
    previsao: details.expected ?? null,
    pagamento: details.paidOn ?? null,
    registro: details.registered ?? null,
    tipo_documento: details.documentType ?? null,
    documento_fiscal: details.fiscalDocument ?? null,
    natureza: details.nature ?? null,
    origem: details.origin ?? null,
    codigo_integracao: details.integrationCode ?? null,
  };
}

const optional = (amount: Centavos | undefined): number | null => (amount === undefined ? null : toReais(amount));
