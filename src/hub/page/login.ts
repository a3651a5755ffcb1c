import { ApiProblem } from './api.ts';
import { busyWhile, part } from './dom.ts';
import { showFailure } from './messages.ts';

export interface Login {
  hide(): void;
  /** With why it is asked again. */
  show(reason?: string): void;
}

/** @param enter tries the token; what it throws is shown */
export function openLogin(enter: (token: string) => Promise<void>): Login {
  const section = part('login', HTMLElement);
  const form = part('login-form', HTMLFormElement);
  const input = part('token', HTMLInputElement);
  const message = part('login-message', HTMLElement);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const token = input.value.trim();
    void busyWhile(form, async () => {
      showFailure(message, undefined);
      try {
        // What cannot stand in a header is no token.
        if (!/^[\x21-\x7e]+$/.test(token)) throw new Error('Um token não tem espaços nem acentos.');
        await enter(token);
        input.value = '';
        input.removeAttribute('aria-invalid');
      } catch (thrown) {
        showFailure(message, thrown);
        if (!(thrown instanceof ApiProblem) || thrown.problem.status !== 0) input.setAttribute('aria-invalid', 'true');
        input.focus();
        input.select();
      }
    });
  });
  input.focus();
  return {
    hide() {
      section.hidden = true;
    },
    show(reason) {
      section.hidden = false;
      showFailure(message, reason === undefined ? undefined : new Error(reason));
      input.focus();
    },
  };
}
