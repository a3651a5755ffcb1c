import { button, el } from './dom.ts';

interface Row {
  readonly element: HTMLElement;
  readonly name: HTMLInputElement;
  readonly value: HTMLInputElement;
}

/** Rows of variables; values are typed unseen. */
export class EnvRows {
  readonly #place: HTMLElement;
  readonly #onChange: () => void;
  #rows: Row[] = [];

  constructor(place: HTMLElement, onChange: () => void) {
    this.#place = place;
    this.#onChange = onChange;
    this.clear();
  }

  /** A new row, with the cursor where something is to be typed; one that has this name already is only gone to. */
  add(name = ''): void {
    const known = name === '' ? undefined : this.#rows.find((row) => row.name.value === name);
    const row = known ?? this.#append(name);
    (name === '' ? row.name : row.value).focus();
  }

  /** @throws Error for a value without a name, and a name that is there twice */
  read(): Record<string, string> {
    const env = new Map<string, string>();
    for (const { name, value } of this.#rows) {
      const key = name.value.trim();
      if (key === '' && value.value === '') continue;
      if (key === '') throw new Error('Uma variável tem valor e não tem nome.');
      if (env.has(key)) throw new Error(`A variável ${key} está duas vezes.`);
      env.set(key, value.value);
    }
    return Object.fromEntries(env);
  }

  clear(): void {
    this.#rows = [];
    this.#place.replaceChildren();
  }

  #append(given: string): Row {
    const name = el('input', {
      'aria-label': 'Nome da variável',
      placeholder: 'NOME',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
    });
    name.value = given;
    const value = el('input', {
      'aria-label': 'Valor da variável',
      type: 'password',
      autocomplete: 'off',
      placeholder: 'valor',
    });
    const remove = button('Remover', 'plain', () => {
      const at = this.#rows.indexOf(row);
      this.#rows.splice(at, 1);
      row.element.remove();
      (this.#rows[at] ?? this.#rows.at(-1))?.name.focus();
      this.#onChange();
    });
    const row: Row = { element: el('div', { class: 'env-row' }, name, value, remove), name, value };
    this.#rows.push(row);
    this.#place.append(row.element);
    this.#onChange();
    return row;
  }
}
