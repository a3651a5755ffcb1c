/** The page at `/`: who comes in, what is shown of it, and the one live connection behind all of it. */
import type { Overview } from '../live/overview.ts';
import type { ServerWithHealth } from '../servers/server-record.ts';
import { Api } from './api.ts';
import { createDeployView } from './deploy-view.ts';
import { createDiscoverView } from './discover-view.ts';
import { part } from './dom.ts';
import { type Connection, follow } from './follow.ts';
import { showHouse } from './house-view.ts';
import { openLogin } from './login.ts';
import { announce } from './messages.ts';
import { ServersView } from './servers-view.ts';
import { showSummary } from './summary.ts';
import { goTo, openViews } from './views.ts';

const CONNECTION: Readonly<Record<Connection, string>> = {
  connecting: 'Conectando…',
  live: 'Ao vivo',
  lost: 'Sem conexão: tentando de novo. O que se vê pode ter mudado.',
  paused: 'Em pausa',
};

const leaveButton = part('leave', HTMLButtonElement);
const panel = part('panel', HTMLElement);
const connection = part('connection', HTMLElement);

openViews();
const login = openLogin(async (token) => {
  /** Of this session alone: an answer that comes after it ends no later one. */
  let leave = (_reason: string): void => {};
  const api = new Api(token, () => leave('O token não é, ou não é mais, o de administração. Entre de novo.'));
  leave = enter(api, await api.overview());
});

/** @returns ends the session */
function enter(api: Api, first: Overview): (reason?: string) => void {
  const session = new AbortController();
  const servers = new ServersView(api, session.signal);
  const deploying = createDeployView(api, session.signal, (server) => {
    goTo('servidores');
    servers.expect(server);
  });
  createDiscoverView(api, session.signal, (picked) => {
    goTo('implantar');
    deploying.fill(picked);
  });
  let known: readonly ServerWithHealth[] = [];
  let house = first;
  const show = (): void => showSummary(known, house);
  showHouse(first);
  show();
  login.hide();
  panel.hidden = false;
  leaveButton.hidden = false;
  goTo(location.hash.slice(1) || 'servidores');

  const leave = (reason?: string): void => {
    if (session.signal.aborted) return;
    session.abort();
    panel.hidden = true;
    leaveButton.hidden = true;
    connection.textContent = '';
    delete connection.dataset['state'];
    login.show(reason);
  };
  leaveButton.onclick = () => leave();

  void follow({
    open: api.events,
    signal: session.signal,
    onState(state) {
      if (session.signal.aborted || connection.dataset['state'] === state) return;
      connection.dataset['state'] = state;
      connection.textContent = CONNECTION[state];
      panel.dataset['connection'] = state;
    },
    onEvent({ event, data }) {
      if (event === 'servers') {
        const told: { servers: ServerWithHealth[] } = JSON.parse(data);
        known = told.servers;
        for (const line of servers.show(known)) announce(line);
      } else if (event === 'house') {
        house = JSON.parse(data);
        showHouse(house);
      }
      show();
    },
  });
  return leave;
}
