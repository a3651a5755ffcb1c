import type { Overview } from '../live/overview.ts';
import type { ServerWithHealth } from '../servers/server-record.ts';
import { el, part } from './dom.ts';

const HOUSE = { ok: 'em ordem', degraded: 'degradada', draining: 'encerrando' } as const;

/** The few numbers that say whether there is something to look at. */
export function showSummary(servers: readonly ServerWithHealth[], { companies, caches, status }: Overview): void {
  const running = servers.filter(({ status: one, health }) => one === 'deployed' && health.healthy).length;
  const failed = servers.filter(
    (one) =>
      one.status === 'failed' || (one.status === 'deployed' && !one.health.healthy && one.health.unknown !== true),
  );
  const asked = caches.replies.hits + caches.replies.shared + caches.replies.misses;
  const share = asked === 0 ? '–' : `${Math.round((100 * (asked - caches.replies.misses)) / asked)} %`;
  const tile = (term: string, value: string, detail: string, mood?: string) =>
    el('div', { 'data-mood': mood }, el('dt', {}, term), el('dd', {}, el('b', {}, value), ` ${detail}`));
  part('summary', HTMLElement).replaceChildren(
    tile(
      'Servidores',
      `${running} de ${servers.length}`,
      failed.length === 0 ? 'no ar' : `no ar, ${failed.length} com problema`,
      failed.length === 0 ? undefined : 'bad',
    ),
    tile(
      'Empresas',
      String(companies.total),
      companies.disabled.length === 0 ? 'em uso' : `em uso, ${companies.disabled.length} fora`,
      companies.disabled.length === 0 ? undefined : 'warn',
    ),
    tile(
      'Cache de respostas',
      share,
      asked === 0 ? 'nada perguntado' : asked === 1 ? 'de uma pergunta' : `de ${asked} perguntas`,
    ),
    tile('Casa', HOUSE[status], '', status === 'ok' ? 'good' : 'warn'),
  );
}
