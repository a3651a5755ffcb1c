import type { Overview } from '../live/overview.ts';
import { el, facts, list, part } from './dom.ts';
import { moment } from './moment.ts';

/** More would only be scrolled over; how many there are is always said. */
const MOST_COMPANIES = 200;
const ENVIRONMENT = { producao: 'produção', sandbox: 'sandbox' } as const;

export function showHouse({ version, status, reasons, started_at, companies, caches }: Overview): void {
  const { credentials, replies } = caches;
  part('house', HTMLElement).replaceChildren(
    card(
      'Estado',
      status === 'ok'
        ? el('p', {}, 'Tudo em ordem.')
        : list(reasons.length === 0 ? ['encerrando'] : reasons, 'warnings'),
      facts([
        ['Versão', version],
        ['No ar desde', moment(started_at)],
      ]),
    ),
    card(
      'Caches',
      facts([
        [
          'Respostas do Omie',
          `${replies.hits} da memória, ${replies.shared} compartilhadas, ${replies.misses} perguntadas`,
        ],
        [
          'Credenciais na memória',
          `${credentials.cached_items} (acertos: ${credentials.hit_rate.replace('.', ',')}, saídas por falta de lugar: ${credentials.evictions})`,
        ],
      ]),
    ),
    card(
      `Empresas (${companies.total})`,
      el('p', { class: 'quiet' }, `Credenciais lidas em ${moment(companies.loaded_at)}.`),
      list(
        companies.items
          .slice(0, MOST_COMPANIES)
          .map(({ id, nome, ambiente, grupos }) =>
            el(
              'div',
              {},
              el('b', {}, nome),
              ' ',
              el('span', { class: 'quiet' }, [id, ENVIRONMENT[ambiente], ...grupos].join(' · ')),
            ),
          ),
        'companies',
      ),
      companies.total > MOST_COMPANIES ? el('p', {}, `E mais ${companies.total - MOST_COMPANIES}.`) : undefined,
      companies.disabled.length === 0 ? undefined : el('h4', {}, 'Fora de uso'),
      companies.disabled.length === 0
        ? undefined
        : list(
            companies.disabled.map(({ id, motivo }) => `${id}: ${motivo}`),
            'warnings',
          ),
    ),
  );
}

const card = (title: string, ...children: (Node | undefined)[]): HTMLElement =>
  el('section', { class: 'card' }, el('h3', {}, title), ...children);
