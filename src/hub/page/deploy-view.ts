/** Deploying: what was simulated and read is what is deployed; a form that changes afterwards has to be simulated again. */
import type { ServerView } from '../servers/server-record.ts';
import type { Api } from './api.ts';
import { type DeployRequest, openDeployForm } from './deploy-form.ts';
import { busyWhile, el, part } from './dom.ts';
import { announce, orShow, showFailure } from './messages.ts';
import { planElements } from './plan-elements.ts';

export interface DeployView {
  /** Fills the form in and simulates it. */
  fill(request: Readonly<Record<string, string>>): void;
}

export function createDeployView(api: Api, session: AbortSignal, onDeployed: (server: ServerView) => void): DeployView {
  const form = openDeployForm(session);
  const simulate = part('simulate', HTMLButtonElement);
  const body = part('plan-body', HTMLElement);
  const read = part('plan-read', HTMLInputElement);
  const deploy = part('deploy', HTMLButtonElement);
  const message = part('deploy-message', HTMLElement);
  const planMessage = part('plan-message', HTMLElement);
  /** Exactly what was simulated; undefined as soon as the form says something else. */
  let planned: DeployRequest | undefined;
  let changes = 0;

  const forget = (why: string): void => {
    planned = undefined;
    read.checked = false;
    read.disabled = true;
    deploy.disabled = true;
    body.replaceChildren(el('p', { class: 'empty' }, why));
    showFailure(planMessage, undefined);
  };
  const changed = (): void => {
    changes += 1;
    if (planned !== undefined) forget('O formulário mudou depois da simulação: simule de novo.');
  };

  async function plan(): Promise<void> {
    forget('Simulando…');
    await orShow(message, async () => {
      try {
        const request = form.read();
        const before = changes;
        const found = await api.plan(request);
        if (changes !== before || session.aborted) {
          forget('O formulário mudou durante a simulação: simule de novo.');
          return;
        }
        planned = request;
        body.replaceChildren(...planElements(found, form.addVariable));
        read.disabled = false;
        announce('Simulação pronta.');
        part('plan-title', HTMLElement).focus();
      } catch (thrown) {
        forget('Nada foi simulado.');
        throw thrown;
      }
    });
  }

  form.onChange(changed);
  form.onSubmit(() => busyWhile(simulate, plan));
  read.addEventListener(
    'change',
    () => {
      deploy.disabled = !read.checked || planned === undefined;
    },
    { signal: session },
  );
  part('plan-form', HTMLFormElement).addEventListener(
    'submit',
    (event) => {
      event.preventDefault();
      const request = planned;
      if (request === undefined || !read.checked) return;
      void busyWhile(deploy, () =>
        orShow(planMessage, async () => {
          const server = await api.deploy(request);
          form.clear();
          forget('Implantado. Outra fonte pode ser simulada.');
          onDeployed(server);
        }),
      );
    },
    { signal: session },
  );
  session.addEventListener('abort', () => {
    form.clear();
    showFailure(message, undefined);
    forget('Ainda nada foi simulado.');
  });

  return {
    fill(request) {
      form.fill(request);
      changed();
      form.submit();
    },
  };
}
