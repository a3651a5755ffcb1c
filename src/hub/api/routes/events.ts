import { z } from 'zod';
import type { Deployments } from '../../deploy/deployments.ts';
import { LiveServers } from '../../live/live-servers.ts';
import { liveEvents } from '../../live/live-state.ts';
import { type HouseView, overviewSchema } from '../../live/overview.ts';
import type { Mounting } from '../../mounting.ts';
import type { ServerList } from '../../servers/server-list.ts';
import { serverWithHealthSchema } from '../../servers/server-record.ts';
import { defineRoute, noBody, none, type Route } from '../route.ts';

export interface EventsParts {
  readonly servers: ServerList;
  readonly deployments: Deployments;
  readonly mounting: Mounting;
  readonly house: HouseView;
}

/** What the `data` of each event holds. */
const events = z.object({
  servers: z.object({ servers: z.array(serverWithHealthSchema) }),
  house: overviewSchema,
});

export function eventsRoute({ servers, deployments, mounting, house }: EventsParts): Route {
  // For all who look together.
  const live = new LiveServers({ servers, deployments, mounting });
  const sources = {
    servers: async () => ({ servers: await live.read() }),
    house: () => house.overview(),
  };
  const onChange = (listener: () => void): (() => void) => {
    const ends = [servers.onChange(listener), mounting.onChange(listener), house.onChange(listener)];
    return () => {
      for (const end of ends) end();
    };
  };
  return defineRoute({
    method: 'get',
    path: '/api/events',
    action: 'events',
    summary: 'Os servidores e a casa, ao vivo',
    description: [
      'Um evento servers e um house ao abrir, e outro de cada um sempre que algo dele muda (o todo, não a diferença).',
      'Um comentário a cada 15 s mantém a conexão. O token vai no cabeçalho, nunca no endereço: leia com fetch.',
      'Acaba com o processo; quem volta apresenta o token de novo.',
    ].join(' '),
    params: none,
    query: none,
    body: noBody,
    answers: {
      200: {
        description: 'O campo data de cada evento, pelo nome do evento.',
        schema: events,
        contentType: 'text/event-stream',
      },
    },
    problems: [],
    run: async (_input, { signal }) => ({ events: liveEvents({ sources, onChange }, signal), endless: true }),
  });
}
