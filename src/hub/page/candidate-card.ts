import type { DiscoverResult } from '../api/routes/discover.ts';
import { button, el, link, list } from './dom.ts';
import { moment } from './moment.ts';

type Candidate = DiscoverResult['candidates'][number];
/** A body for a deployment, and the variables that the one who offers the server says it wants. */
export interface Picked {
  readonly request: Readonly<Record<string, string>>;
  readonly wanted: Candidate['wanted'];
}
type Way = Candidate['ways_to_run'][number];

const METHOD: Readonly<Record<Way['method'], string>> = {
  npx: 'com npx',
  docker: 'em contêiner',
  e2b: 'em sandbox E2B',
  local: 'da pasta local',
  remote: 'já no ar',
};

/** One server that was found: all of its text is somebody else's. */
export function candidateCard(candidate: Candidate, onPicked: (picked: Picked) => void): HTMLElement {
  const { name, description, verified, why, score, wanted, ways_to_run: ways, archived, page } = candidate;
  return el(
    'article',
    { class: 'card candidate' },
    el(
      'header',
      {},
      el('h3', {}, page === undefined ? name : link(name, page)),
      verified === undefined ? undefined : el('span', { class: 'badge good', title: verified }, 'verificado'),
      archived === true ? el('span', { class: 'badge warn' }, 'arquivado') : undefined,
    ),
    el('p', {}, description === '' ? 'Sem descrição.' : description),
    el('p', { class: 'quiet' }, factsLine(candidate)),
    wanted.length === 0
      ? undefined
      : el('p', { class: 'quiet' }, `Pede as variáveis: ${wanted.map((one) => one.name).join(', ')}`),
    el('details', {}, el('summary', {}, `Por que está aqui (${score} pontos)`), list(why)),
    ways.length === 0
      ? el('p', { class: 'quiet' }, 'Nada diz como executá-lo.')
      : el(
          'div',
          { class: 'ways' },
          ...ways.map((way) => wayRow(way, name, (request) => onPicked({ request, wanted }))),
        ),
  );
}

function wayRow(
  { method, why, request, url }: Way,
  name: string,
  onPicked: (request: Picked['request']) => void,
): HTMLElement {
  if (request === undefined) {
    return el(
      'p',
      { class: 'way' },
      el('b', {}, METHOD[method]),
      ` ${why} `,
      url === undefined ? undefined : el('code', {}, url),
    );
  }
  const plan = button('Planejar', '', () => onPicked(request));
  plan.setAttribute('aria-label', `Planejar ${name} ${METHOD[method]}`);
  return el('p', { class: 'way' }, plan, ' ', el('b', {}, METHOD[method]), ` ${why}`);
}

function factsLine({ origin, version, stars, updated_at: updated }: Candidate): string {
  return [
    origin.split('+').join(' e '),
    ...(version === undefined ? [] : [`versão ${version}`]),
    ...(stars === undefined ? [] : [`${stars} estrelas`]),
    ...(updated === undefined || Number.isNaN(Date.parse(updated)) ? [] : [`mudou em ${moment(updated)}`]),
  ].join(' · ');
}
