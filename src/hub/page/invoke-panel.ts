import { visible } from '../../invisible-text.ts';
import type { ServerTool } from '../api/routes/server-tools.ts';
import type { ServerWithHealth } from '../servers/server-record.ts';
import type { Api } from './api.ts';
import { exampleOf } from './arguments-example.ts';
import { busyWhile, button, el } from './dom.ts';
import { messagePlace, orShow } from './messages.ts';
import { resultText, typedArguments } from './tool-call.ts';

/** Calls one tool of a server with arguments written as JSON. */
export class InvokePanel {
  readonly element: HTMLElement;
  readonly opener: HTMLButtonElement;
  readonly #id: string;
  readonly #api: Api;
  readonly #pick: HTMLSelectElement;
  readonly #about = el('p', { class: 'quiet' });
  readonly #args: HTMLTextAreaElement;
  readonly #schema = el('pre', { class: 'lines' });
  readonly #message = messagePlace();
  readonly #status = el('p', { role: 'status' });
  readonly #result: HTMLPreElement;
  #tools: readonly ServerTool[] = [];
  /** What was filled in for the picked tool: replaced by the next one's, while what somebody typed stays. */
  #example = '';

  constructor(id: string, api: Api) {
    this.#id = id;
    this.#api = api;
    const ids = { panel: `invoke-${id}`, pick: `tool-${id}`, args: `tool-args-${id}` };
    this.#pick = el('select', { id: ids.pick });
    this.#pick.addEventListener('change', () => this.#picked());
    this.#args = el('textarea', { id: ids.args, rows: '3', spellcheck: 'false', autocapitalize: 'off' });
    this.#result = el('pre', {
      class: 'lines',
      tabindex: '0',
      role: 'region',
      'aria-label': 'Resultado',
      hidden: true,
    });
    const call = el('button', { type: 'submit', class: 'main' }, 'Chamar');
    const form = el(
      'form',
      {},
      el('div', { class: 'field' }, el('label', { for: ids.pick }, 'Ferramenta'), this.#pick, this.#about),
      el('div', { class: 'field' }, el('label', { for: ids.args }, 'Argumentos (JSON)'), this.#args),
      el('details', {}, el('summary', {}, 'Esquema dos argumentos'), this.#schema),
      call,
      this.#message,
      this.#status,
      this.#result,
    );
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void busyWhile(call, () => orShow(this.#message, () => this.#call()));
    });
    this.element = el(
      'div',
      { class: 'panel', id: ids.panel, hidden: true },
      el('h4', {}, 'Chamar uma ferramenta'),
      form,
    );
    this.opener = button('Chamar ferramenta', '', () => this.#toggle());
    this.opener.setAttribute('aria-controls', ids.panel);
    this.opener.ariaExpanded = 'false';
  }

  /** A server that has just come up may have other tools. */
  update({ status, tools }: ServerWithHealth): void {
    this.opener.hidden = status !== 'deployed' && this.element.hidden;
    if (this.element.hidden || status !== 'deployed') return;
    if (tools.some((name) => !this.#tools.some((known) => known.name === name))) void this.#load();
  }

  #toggle(): void {
    this.element.hidden = !this.element.hidden;
    this.opener.ariaExpanded = String(!this.element.hidden);
    if (this.element.hidden) return;
    void this.#load().then(() => this.#pick.focus());
  }

  async #load(): Promise<void> {
    await orShow(this.#message, async () => {
      this.#tools = (await this.#api.tools(this.#id)).tools;
      const before = this.#pick.value;
      this.#pick.replaceChildren(...this.#tools.map(({ name }) => el('option', { value: name }, visible(name))));
      if (this.#tools.some(({ name }) => name === before)) this.#pick.value = before;
      this.#picked();
    });
  }

  #picked(): void {
    const tool = this.#tools.find(({ name }) => name === this.#pick.value);
    this.#about.textContent = [tool?.read_only === true ? 'Só lê.' : '', tool?.description ?? ''].join(' ').trim();
    this.#schema.textContent = tool === undefined ? '' : JSON.stringify(tool.input_schema, null, 2);
    const untouched = this.#args.value.trim() === '' || this.#args.value === this.#example;
    this.#example = tool === undefined ? '{}' : JSON.stringify(exampleOf(tool.input_schema), null, 2);
    if (untouched) this.#args.value = this.#example;
  }

  async #call(): Promise<void> {
    this.#status.textContent = '';
    this.#result.hidden = true;
    const args = typedArguments(this.#args.value);
    const answer = await this.#api.invoke({ server: this.#id, tool: this.#pick.value, args });
    this.#status.textContent = answer.is_error
      ? `A ferramenta disse que falhou, em ${answer.ms} ms.`
      : `Respondido em ${answer.ms} ms.`;
    this.#result.textContent = resultText(answer.result);
    this.#result.hidden = false;
  }
}
