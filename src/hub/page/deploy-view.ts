/** Deploying: what was simulated and read is what is deployed; a form that changes afterwards has to be simulated again. */
import type { PlanView } from '../deploy/plan.ts';
import type { ServerView } from '../servers/server-record.ts';
import type { Api } from './api.ts';
import type { Picked } from './candidate-card.ts';
import { type DeployRequest, openDeployForm } from './deploy-form.ts';
import { busyWhile, el, part } from './dom.ts';
import { announce, orShow, showFailure } from './messages.ts';
import { planElements } from './plan-elements.ts';

export interface DeployView {
  /** Fills the form in and simulates it. */
  fill(picked: Picked): void;
}

export function createDeployView(api: Api, session: AbortSignal, onDeployed: (server: ServerView) => void): DeployView {
  const form = openDeployForm(session);
  const simulate = part('simulate', HTMLButtonElement);
  const body = part('plan-body', HTMLElement);
  const read = part('plan-read', HTMLInputElement);
  const deploy = part('deploy', HTMLButtonElement);
  const message = part('deploy-message', HTMLElement);
  const planMessage = part('plan-message', HTMLElement);
  /** Exactly what was simulated, with the digest of what that showed: nothing else is started. Undefined as soon as the form says something else. */
  let planned: DeployRequest | undefined;
  let changes = 0;
  let picked: Picked | undefined;

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
        const { digest, ...found } = await api.plan(request);
        if (changes !== before || session.aborted) {
          forget('O formulário mudou durante a simulação: simule de novo.');
          return;
        }
        planned = { ...request, digest };
        body.replaceChildren(...planElements(withWanted(found, request, picked), form.addVariable));
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
          // Whoever left meanwhile, or somebody else, has the form now.
          if (session.aborted) return;
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
    fill(one) {
      picked = one;
      form.fill(one.request);
      changed();
      form.submit();
    },
  };
}

/** A package says of itself which variables it wants, or who offers it does; the form may since have gone elsewhere. */
function withWanted(plan: PlanView, request: DeployRequest, picked: Picked | undefined): PlanView {
  if (picked === undefined || Object.entries(picked.request).some(([field, value]) => request[field] !== value)) {
    return plan;
  }
  const known = new Set(plan.wanted.map(({ name }) => name));
  const more = picked.wanted.filter(({ name }) => !known.has(name));
  const missing = more.filter(({ name, required }) => required && !plan.env.includes(name)).map(({ name }) => name);
  return { ...plan, wanted: [...plan.wanted, ...more], missing: [...plan.missing, ...missing] };
}
