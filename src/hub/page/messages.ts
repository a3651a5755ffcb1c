/** What went wrong or well, said where it happened and read out. */
import { ApiProblem } from './api.ts';
import { el, list, part } from './dom.ts';

/** An empty place that is read out as soon as something stands in it. */
export const messagePlace = (): HTMLElement => el('div', { class: 'message', role: 'alert' });

/** Shows a failure with what to do about it; `undefined` clears the place. */
export function showFailure(place: HTMLElement, thrown: unknown): void {
  place.replaceChildren();
  if (thrown === undefined) return;
  if (!(thrown instanceof ApiProblem)) {
    place.append(el('p', {}, thrown instanceof Error ? thrown.message : String(thrown)));
    return;
  }
  const { title, detail, hint, errors = [], retry_after_seconds: wait, request_id: id } = thrown.problem;
  place.append(el('p', { class: 'message-title' }, title), el('p', {}, detail));
  if (errors.length > 0)
    place.append(list(errors.map(({ field, message }) => (field === '' ? message : `${field}: ${message}`))));
  if (hint !== undefined) place.append(el('p', {}, hint));
  if (wait !== undefined) place.append(el('p', {}, `Tente de novo em ${wait} s.`));
  if (id !== undefined) place.append(el('p', { class: 'quiet' }, `Pedido ${id}`));
}

/** Runs the work and shows its failure in the place. */
export async function orShow(place: HTMLElement, work: () => Promise<void>): Promise<void> {
  showFailure(place, undefined);
  try {
    await work();
  } catch (thrown) {
    showFailure(place, thrown);
  }
}

/** Read out, not shown: what the eye sees anyway. */
export function announce(text: string): void {
  part('announcements', HTMLElement).textContent = text;
}
