/** The only way this page makes elements: text goes in as text, whoever wrote it. */

type Attributes = Readonly<Record<string, string | boolean | undefined>>;
type Child = Node | string | undefined;

/** Attribute names are ours, never somebody's text; `true` is an attribute without a value. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, '');
    else if (typeof value === 'string') element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}

/** The element of the page with this id. @throws Error when page and script are not of one version */
export function part<E extends HTMLElement>(id: string, type: new () => E): E {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`#${id} is missing`);
}

/** A link for web addresses; anything else stays text. */
export function link(text: string, address: string): Node {
  return /^https?:\/\//i.test(address)
    ? el('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, text)
    : document.createTextNode(text);
}

export const list = (items: readonly (string | Node)[], className?: string): HTMLUListElement =>
  el('ul', { class: className }, ...items.map((item) => el('li', {}, item)));

/** Rows of a description list; those without a value are left out. */
export function facts(rows: readonly (readonly [term: string, value: string | Node | undefined])[]): HTMLDListElement {
  const known = rows.filter(([, value]) => value !== undefined && value !== '');
  return el('dl', { class: 'facts' }, ...known.flatMap(([term, value]) => [el('dt', {}, term), el('dd', {}, value)]));
}

export const button = (text: string, className: string, onClick: () => void): HTMLButtonElement => {
  const made = el('button', { type: 'button', class: className }, text);
  made.addEventListener('click', onClick);
  return made;
};

/** Runs one thing at a time; the button stays where the keyboard is. */
export async function busyWhile(control: HTMLElement, work: () => Promise<void>): Promise<void> {
  if (control.ariaBusy === 'true') return;
  control.ariaBusy = 'true';
  try {
    await work();
  } finally {
    control.ariaBusy = 'false';
  }
}
