import type { ServerView, ServerWithHealth } from '../servers/server-record.ts';
import type { Api } from './api.ts';
import { part } from './dom.ts';
import { ServerCard } from './server-card.ts';
import { STATUS } from './status-words.ts';

/** The servers, one card each; a card lives as long as its server, so that what is open or typed in it stays. */
export class ServersView {
  readonly #api: Api;
  readonly #cards = new Map<string, ServerCard>();
  readonly #place = part('servers', HTMLElement);
  readonly #empty = part('no-servers', HTMLElement);
  /** Whose card takes the focus as soon as it is there. */
  #expected: string | undefined;

  constructor(api: Api, session: AbortSignal) {
    this.#api = api;
    this.#place.replaceChildren();
    session.addEventListener('abort', () => {
      for (const card of this.#cards.values()) card.close();
      this.#place.replaceChildren();
    });
  }

  /** @returns what changed of them, to be read out */
  show(servers: readonly ServerWithHealth[]): string[] {
    const said: string[] = [];
    const ids = new Set(servers.map(({ id }) => id));
    for (const [id, card] of this.#cards) {
      if (ids.has(id)) continue;
      const hadFocus = card.element.contains(document.activeElement);
      card.close();
      card.element.remove();
      this.#cards.delete(id);
      if (hadFocus) part('servidores-title', HTMLElement).focus();
    }
    // The newest first.
    for (const server of servers.toReversed()) {
      const known = this.#cards.get(server.id);
      if (known !== undefined) {
        if (known.status !== server.status) said.push(`${server.name}: ${STATUS[server.status]}`);
        known.update(server);
        continue;
      }
      const card = new ServerCard(server, this.#api);
      this.#cards.set(server.id, card);
      const after = this.#place.children[servers.length - 1 - servers.indexOf(server)] ?? null;
      this.#place.insertBefore(card.element, after);
    }
    this.#empty.hidden = servers.length > 0;
    this.#focusExpected();
    return said;
  }

  /** A server that was just deployed: its card comes with the next event. */
  expect({ id }: ServerView): void {
    this.#expected = id;
    this.#focusExpected();
  }

  #focusExpected(): void {
    const card = this.#expected === undefined ? undefined : this.#cards.get(this.#expected);
    if (card === undefined) return;
    this.#expected = undefined;
    card.focus();
  }
}
