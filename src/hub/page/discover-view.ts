/** Looking for servers: nothing runs here; what is picked goes to the deployment's form. */
import type { DiscoverResult } from '../api/routes/discover.ts';
import type { Api } from './api.ts';
import { candidateCard, type Picked } from './candidate-card.ts';
import { busyWhile, list, part } from './dom.ts';
import { orShow } from './messages.ts';

export function createDiscoverView(api: Api, session: AbortSignal, onPicked: (picked: Picked) => void): void {
  const form = part('discover-form', HTMLFormElement);
  const query = part('query', HTMLInputElement);
  const status = part('discover-status', HTMLElement);
  const places = { sources: part('sources', HTMLElement), candidates: part('candidates', HTMLElement) };
  const message = part('discover-message', HTMLElement);

  const clear = (): void => {
    status.textContent = '';
    places.sources.replaceChildren();
    places.candidates.replaceChildren();
  };

  async function discover(): Promise<void> {
    const sources = [
      ...(part('source-github', HTMLInputElement).checked ? ['github'] : []),
      ...(part('source-registry', HTMLInputElement).checked ? ['registry'] : []),
    ];
    if (sources.length === 0) throw new Error('Escolha ao menos um lugar onde procurar.');
    clear();
    status.textContent = 'Procurando…';
    try {
      const limit = part('limit', HTMLInputElement).valueAsNumber;
      const found = await api.discover({ query: query.value.trim(), limit, sources });
      if (session.aborted) return;
      const { length } = found.candidates;
      status.textContent =
        length === 1
          ? 'Um servidor achado.'
          : `${length === 0 ? 'Nenhum' : length} ${length === 0 ? 'servidor achado' : 'servidores achados'}.`;
      places.sources.replaceChildren(list(found.sources.flatMap(sourceLines), 'warnings'));
      places.candidates.replaceChildren(...found.candidates.map((candidate) => candidateCard(candidate, onPicked)));
    } catch (thrown) {
      clear();
      throw thrown;
    }
  }

  form.addEventListener(
    'submit',
    (event) => {
      event.preventDefault();
      void busyWhile(form, () => orShow(message, discover));
    },
    { signal: session },
  );
  session.addEventListener('abort', () => {
    form.reset();
    clear();
  });
}

const SOURCE = { github: 'GitHub', registry: 'Registro oficial' } as const;

/** Only what somebody should know: a source that failed, and what is missing from the others. */
function sourceLines({ source, notes, problem }: DiscoverResult['sources'][number]): string[] {
  const of = SOURCE[source];
  if (problem === undefined) return notes.map((note) => `${of}: ${note}`);
  const { detail, hint = '', retry_after_seconds: wait } = problem;
  return [`${of}: ${detail} ${hint} ${wait === undefined ? '' : `Tente de novo em ${wait} s.`}`.trim()];
}
