/** One section at a time, named by the address; a visible heading takes the focus when somebody goes there. */
import { part } from './dom.ts';

const NAMES = ['servidores', 'procurar', 'implantar', 'casa'];

export function openViews(): void {
  window.addEventListener('hashchange', () => {
    if (shows(location.hash.slice(1))) part(`${location.hash.slice(1)}-title`, HTMLElement).focus();
  });
}

/** Unknown names are left alone: the address may name another part of the page. */
export function goTo(name: string): void {
  const wanted = NAMES.includes(name) ? name : 'servidores';
  if (location.hash === `#${wanted}`) focusOn(wanted);
  // Shows it when the address has changed.
  else location.hash = wanted;
}

function focusOn(name: string): void {
  shows(name);
  part(`${name}-title`, HTMLElement).focus();
}

function shows(name: string): boolean {
  if (!NAMES.includes(name)) return false;
  for (const one of NAMES) part(`view-${one}`, HTMLElement).hidden = one !== name;
  for (const link of part('views', HTMLElement).querySelectorAll('a')) {
    if (link.hash === `#${name}`) link.ariaCurrent = 'page';
    else link.ariaCurrent = null;
  }
  return true;
}
