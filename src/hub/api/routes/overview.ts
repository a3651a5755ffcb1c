import { type HouseView, overviewSchema } from '../../live/overview.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';

export function overviewRoute(house: HouseView): Route {
  return defineRoute({
    method: 'get',
    path: '/api/overview',
    action: 'overview',
    summary: 'A casa: empresas, caches e o que a deixa degradada',
    description: 'Nunca chaves nem CNPJs.',
    params: none,
    query: none,
    body: noBody,
    answers: { 200: { description: 'O estado de agora.', schema: overviewSchema } },
    problems: [],
    run: async () => ({ status: 200, body: house.overview() }),
  });
}
