import type { PlanView } from '../deploy/plan.ts';
import { button, el, facts, list } from './dom.ts';
import { moment } from './moment.ts';

/** A dry run as it is read before anything starts: warnings first, then what would run, argument by argument. */
export function planElements(plan: PlanView, addVariable: (name: string) => void): Node[] {
  const { name, domain, source, method, content, why, commands, env, wanted, missing, hosts, warnings } = plan;
  const { install_scripts: scripts = [] } = plan;
  const alerts = [
    ...missing.map((variable) => `Falta a variável obrigatória ${variable}.`),
    ...warnings,
    ...(scripts.length === 0
      ? []
      : [`O pacote tem scripts de instalação, que não são executados: ${scripts.join(', ')}.`]),
  ];
  return [
    el('p', {}, 'Nada foi iniciado. Isto é o que seria executado:'),
    ...(alerts.length === 0 ? [] : [list(alerts, 'warnings')]),
    el('h4', {}, 'Comandos, sem shell'),
    el('ol', { class: 'commands' }, ...commands.map((one) => el('li', {}, ...argumentsOf(one)))),
    facts([
      ['Nome', name],
      ['Domínio', el('code', {}, domain)],
      ['Fonte', el('code', {}, source)],
      ['Conteúdo (SHA-256)', content === undefined ? undefined : el('code', {}, content)],
      ['Executado por', method],
      ['Publicado', publishedText(plan)],
      ['Consulta', hosts.join(', ')],
      ['Recebe as variáveis', env.join(', ')],
    ]),
    el('h4', {}, 'Por quê'),
    list(why),
    ...(wanted.length === 0 ? [] : [el('h4', {}, 'Variáveis que a fonte pede'), wantedList(plan, addVariable)]),
  ];
}

/** Each argument in a box of its own: where one ends and the next begins is part of what is to be read. */
const argumentsOf = ({ command, args }: PlanView['commands'][number]): Node[] =>
  [command, ...args].flatMap((text) => [el('code', {}, text), document.createTextNode(' ')]);

function publishedText({ published_at: at, age_days: days }: PlanView): string | undefined {
  if (at === undefined) return undefined;
  return days === undefined ? moment(at) : `${moment(at)} (há ${days === 1 ? 'um dia' : `${days} dias`})`;
}

function wantedList({ wanted, env }: PlanView, addVariable: (name: string) => void): HTMLElement {
  const items = wanted.map(({ name, description, required, secret }) => {
    const given = env.includes(name);
    const notes = [required ? 'obrigatória' : 'opcional', ...(secret ? ['segredo'] : []), ...(given ? ['dada'] : [])];
    return el(
      'div',
      {},
      el('code', {}, name),
      ` ${notes.join(', ')}${description === undefined ? '' : `: ${description}`} `,
      given ? undefined : button(`Adicionar ${name}`, 'plain', () => addVariable(name)),
    );
  });
  return list(items);
}
