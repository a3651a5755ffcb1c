import type { SimulatedCompany } from '../model.ts';
import { Random } from '../random.ts';
import { cnpjFrom } from '../tax-ids.ts';

const firstNames = [
  'Empresa Alpha LTDA',
  'Alvorada Distribuidora de Alimentos LTDA',
  'Construtora Serra Dourada S.A.',
  'Tecelagem Rio Preto LTDA',
  'Farmácia São Benedito LTDA',
  'Transportes Irmãos Queiroz LTDA',
  'Metalúrgica Paranaíba S.A.',
  'Padaria & Confeitaria Bom Jesus LTDA ME',
  'Clínica Vida Plena LTDA',
  'Agropecuária Três Lagoas LTDA',
];
const trades = [
  'Comercial',
  'Distribuidora',
  'Indústria',
  'Transportadora',
  'Construtora',
  'Consultoria',
  'Laboratório',
  'Gráfica',
  'Móveis',
  'Auto Peças',
  'Laticínios',
  'Engenharia',
];
const places = [
  'Guanabara',
  'Itapuã',
  'Ipiranga',
  'Araucária',
  'Jequitibá',
  'Mantiqueira',
  'Pampulha',
  'Tocantins',
  'Iguaçu',
  'Caparaó',
  'Maracanã',
  'Borborema',
];

/** Ids of different companies never meet, except the two that collide on purpose. Eleven digits hold a thousand companies. */
const ID_SPAN = 10_000_000;
const FIRST_ID = 4_000_000_000;

/** A client and a title carry these ids in EVERY company: ids mean nothing outside their company. */
export const collidingIds = { client: 3_999_990_001, title: 3_999_999_001 } as const;

export const idBase = (index: number): number => FIRST_ID + index * ID_SPAN;

/** What outsiders know of the company number `index`; the same whatever the number of companies. */
export function describeCompany(seed: number, index: number): SimulatedCompany {
  const random = new Random(`${seed}/company/${index}`);
  const number = String(index + 1).padStart(3, '0');
  return {
    id: `empresa_${number}`,
    index,
    nome: nameOf(index),
    cnpj: cnpjFrom(10_000_000 + ((seed * 7_919 + index * 104_729) % 89_000_000)),
    appKey: `${random.int(10_000, 99_999)}${random.int(1_000, 9_999)}${String(index).padStart(4, '0')}`,
    appSecret: random.hex(32),
    ambiente: index % 5 === 4 ? 'sandbox' : 'producao',
    grupos: index < 3 ? ['holding'] : [index % 2 === 0 ? 'varejo' : 'servicos'],
  };
}

function nameOf(index: number): string {
  const known = firstNames[index];
  if (known !== undefined) return known;
  const rest = index - firstNames.length;
  const trade = trades[rest % trades.length] ?? '';
  const place = places[Math.floor(rest / trades.length) % places.length] ?? '';
  const round = Math.floor(rest / (trades.length * places.length));
  return `${trade} ${place}${round > 0 ? ` ${round + 1}` : ''} ${rest % 4 === 3 ? 'S.A.' : 'LTDA'}`;
}
