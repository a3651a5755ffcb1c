import { part } from './dom.ts';

/** Asks in a dialog; Escape is a no. The browser puts the focus back where it was. */
export function confirmed(question: string, detail: string, yes: string): Promise<boolean> {
  const dialog = part('confirm', HTMLDialogElement);
  part('confirm-question', HTMLElement).textContent = question;
  part('confirm-detail', HTMLElement).textContent = detail;
  const accept = part('confirm-yes', HTMLButtonElement);
  accept.textContent = yes;
  const cancel = part('confirm-no', HTMLButtonElement);
  return new Promise((resolve) => {
    dialog.returnValue = '';
    accept.onclick = () => dialog.close('yes');
    cancel.onclick = () => dialog.close('');
    dialog.onclose = () => resolve(dialog.returnValue === 'yes');
    dialog.showModal();
    cancel.focus();
  });
}
