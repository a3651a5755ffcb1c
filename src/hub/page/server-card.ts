/** One server: what it is, how it is, and what can be done with it. */
import { visible } from '../../invisible-text.ts';
import type { ServerWithHealth } from '../servers/server-record.ts';
import type { Api } from './api.ts';
import { confirmed } from './confirm.ts';
import { busyWhile, button, el, facts, list } from './dom.ts';
import { InvokePanel } from './invoke-panel.ts';
import { LogsPanel } from './logs-panel.ts';
import { messagePlace, orShow } from './messages.ts';
import { moment } from './moment.ts';
import { healthOf, STATUS } from './status-words.ts';

const UNWRITTEN = 'ainda não gravado: se o hub reiniciar antes, vale o que está gravado';

export class ServerCard {
  readonly element: HTMLElement;
  readonly #api: Api;
  readonly #title = el('h3', { tabindex: '-1' });
  readonly #badge = el('span', { class: 'badge' });
  readonly #health = el('p', { class: 'health' });
  readonly #facts = el('div', {});
  readonly #failure = el('p', { class: 'failure' });
  readonly #message = messagePlace();
  readonly #run: HTMLButtonElement;
  readonly #logs: LogsPanel;
  readonly #invoke: InvokePanel;
  #server: ServerWithHealth;

  constructor(server: ServerWithHealth, api: Api) {
    this.#api = api;
    this.#server = server;
    this.#title.id = `title-${server.id}`;
    this.#run = button('', '', () => this.#startOrStop());
    const remove = button('Apagar', 'danger-plain', () => this.#remove(remove));
    this.#logs = new LogsPanel(server.id, api);
    this.#invoke = new InvokePanel(server.id, api);
    this.element = el(
      'article',
      { class: 'card server', 'aria-labelledby': this.#title.id },
      el('header', {}, this.#title, this.#badge),
      this.#health,
      this.#failure,
      this.#facts,
      el('div', { class: 'actions' }, this.#run, this.#invoke.opener, this.#logs.opener, remove),
      this.#message,
      this.#invoke.element,
      this.#logs.element,
    );
    this.update(server);
  }

  get status(): ServerWithHealth['status'] {
    return this.#server.status;
  }

  update(server: ServerWithHealth): void {
    this.#server = server;
    const { name, status, error, unwritten, domain, source, method, url, tools, env, updated_at } = server;
    const { quarantined = [] } = server;
    this.#title.textContent = name;
    this.#badge.textContent = STATUS[status];
    const { text, mood } = healthOf(server);
    this.element.dataset['mood'] = mood;
    this.#health.textContent = text;
    const failures = [error, unwritten && UNWRITTEN].filter((text) => text !== undefined);
    this.#failure.textContent = failures.join('; ');
    this.#failure.hidden = failures.length === 0;
    this.#run.textContent = isUp(status) ? 'Parar' : 'Iniciar';
    this.#facts.replaceChildren(
      facts([
        ['Domínio', el('code', {}, domain)],
        ['Fonte', el('code', {}, source)],
        ['Executado por', method],
        ['Endereço', url],
        ['Variáveis', env.join(', ')],
        ['Mudou em', moment(updated_at)],
        ['Ferramentas', tools.length === 0 ? undefined : list(tools.map(visible), 'tools')],
        ['Em quarentena', quarantined.length === 0 ? undefined : list(quarantined.map(visible), 'tools')],
      ]),
    );
    this.#invoke.update(server);
  }

  focus(): void {
    this.#title.focus();
    this.element.scrollIntoView({ block: 'nearest' });
  }

  close(): void {
    this.#logs.close();
  }

  #startOrStop(): void {
    const { id, status } = this.#server;
    void busyWhile(this.#run, () =>
      orShow(this.#message, async () => {
        await (isUp(status) ? this.#api.stop(id) : this.#api.start(id));
      }),
    );
  }

  #remove(control: HTMLButtonElement): void {
    const { id, name } = this.#server;
    void busyWhile(control, async () => {
      const detail =
        'O servidor é encerrado, e o que o hub fez para ele, com tudo o que gravou ali, é apagado. Não há volta.';
      if (!(await confirmed(`Apagar ${name}?`, detail, 'Apagar'))) return;
      await orShow(this.#message, () => this.#api.remove(id));
    });
  }
}

const isUp = (status: ServerWithHealth['status']): boolean => status === 'deployed' || status === 'starting';
