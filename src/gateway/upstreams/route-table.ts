/** Why a call goes where it goes: for people who look at the gateway's status. */

import { NEVER_BEGUN } from '../links/link-errors.ts';
import { type Effect, rankCandidates, type Standing } from '../routing/choose.ts';
import { canonicalJson } from '../trust/canonical-json.ts';
import type { CandidateRef, MountedServer } from './upstream-registry.ts';

export interface RouteStep {
  readonly server: string;
  readonly priority: number;
  readonly state: MountedServer['state'];
  readonly standing: Standing;
  /** In Portuguese. */
  readonly why: string;
}

/** Whether the breaker of a server lets no call through for now. */
export type IsResting = (server: string) => boolean;

/** The candidates in the order in which they would be asked now. Servers that are no longer mounted are left out. */
export function explainRoute(
  candidates: readonly Pick<CandidateRef, 'server'>[],
  servers: readonly MountedServer[],
  effect: Effect,
  isResting: IsResting,
): readonly RouteStep[] {
  const known = servers.filter(({ id }) => candidates.some(({ server }) => server === id));
  const ranked = rankCandidates(
    known.map(({ id, state, config }) => ({
      server: id,
      priority: config.priority,
      state,
      resting: isResting(id),
      effect,
    })),
  );
  return ranked.flatMap(({ server, priority, standing }) => {
    const mounted = known.find(({ id }) => id === server);
    return mounted === undefined
      ? []
      : [{ server, priority, state: mounted.state, standing, why: whyOf(standing, effect) }];
  });
}

function whyOf(standing: Standing, effect: Effect): string {
  switch (standing) {
    case 'chosen':
      return 'conectado e com a melhor prioridade';
    case 'spare':
      return effect === 'read'
        ? 'reserva: assume se o anterior falhar'
        : `reserva: assume só se o pedido não chegar a sair para o anterior, ou for recusado na entrada (HTTP ${[...NEVER_BEGUN].join(', ')})`;
    case 'resting':
      return 'em descanso depois de falhas seguidas';
    case 'connecting':
      return 'conectando: só é esperado se não houver outro';
    case 'down':
      return 'fora do ar: o gateway tenta reconectar';
    case 'quarantined':
      return 'em quarentena até ser aprovado';
  }
}

/**
 * The servers that can stand in for the first one: they take the same arguments. Two tools that only share a name are
 * not the same tool, and a call meant for one may mean something else to the other.
 *
 * @param servers in order of preference; the first that offers the tool sets what it is
 */
export function equivalentServers(
  servers: readonly MountedServer[],
  toolOf: (server: MountedServer) => MountedServer['offer']['tools'][number] | undefined,
): readonly MountedServer[] {
  const offers = [...new Set(servers)].flatMap((server) => {
    const raw = toolOf(server);
    return raw === undefined ? [] : [{ server, takes: canonicalJson(raw.inputSchema) }];
  });
  const [first] = offers;
  return offers.filter(({ takes }) => takes !== undefined && takes === first?.takes).map(({ server }) => server);
}
