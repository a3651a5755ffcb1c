import type { Api } from './api.ts';
import { button, el } from './dom.ts';
import { follow } from './follow.ts';

/** The last lines of a server, followed while the panel is open. */
export class LogsPanel {
  readonly element: HTMLElement;
  readonly opener: HTMLButtonElement;
  readonly #id: string;
  readonly #api: Api;
  readonly #lines: HTMLPreElement;
  #following: AbortController | undefined;

  constructor(id: string, api: Api) {
    this.#id = id;
    this.#api = api;
    const panelId = `logs-${id}`;
    // A region that scrolls must be reachable by the keyboard.
    this.#lines = el('pre', { class: 'lines', tabindex: '0', role: 'region', 'aria-label': 'Linhas do log' });
    this.element = el('div', { class: 'panel', id: panelId, hidden: true }, el('h4', {}, 'Log'), this.#lines);
    this.opener = button('Log', '', () => this.#toggle());
    this.opener.setAttribute('aria-controls', panelId);
    this.opener.ariaExpanded = 'false';
  }

  close(): void {
    this.#following?.abort();
    this.#following = undefined;
    this.element.hidden = true;
    this.opener.ariaExpanded = 'false';
  }

  #toggle(): void {
    if (this.#following !== undefined) {
      this.close();
      return;
    }
    this.#following = new AbortController();
    const { signal } = this.#following;
    this.element.hidden = false;
    this.opener.ariaExpanded = 'true';
    this.#lines.textContent = 'Lendo…';
    void follow({
      signal,
      open: (attempt) => this.#api.lines(this.#id, attempt),
      onEvent: ({ event, data }) => {
        if (event !== 'lines') return;
        const { lines }: { lines: string[] } = JSON.parse(data);
        this.#show(lines);
      },
    });
  }

  /** Stays at the end for who reads there, and where it is for who scrolled up. */
  #show(lines: readonly string[]): void {
    const { scrollTop, clientHeight, scrollHeight } = this.#lines;
    const atEnd = scrollTop + clientHeight >= scrollHeight - 8;
    this.#lines.textContent = lines.length === 0 ? 'Nenhuma linha ainda.' : lines.join('\n');
    if (atEnd) this.#lines.scrollTop = this.#lines.scrollHeight;
  }
}
