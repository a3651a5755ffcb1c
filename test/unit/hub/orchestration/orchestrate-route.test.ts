import { expect, it } from 'vitest';
import { fullAccess } from '../../../../src/companies/principal.ts';
import { orchestrateRoute } from '../../../../src/hub/api/routes/orchestrate.ts';
import { openApiDocument } from '../../../../src/hub/openapi/document.ts';
import { geminiProvider } from '../../../../src/hub/orchestration/gemini.ts';
import { Orchestrator } from '../../../../src/hub/orchestration/orchestrator.ts';
import { scriptedModel } from '../../../../src/hub/orchestration/scripted-model.ts';
import { silent } from '../../../support/upstreams.ts';

const tools = {
  ofServer: () => [],
  fitting: () => [],
  envOf: () => ({}),
  call: () => Promise.reject(new Error('no tools')),
};
const context = { signal: new AbortController().signal, requestId: 'r', about: () => {} };
const routeWith = (model: ConstructorParameters<typeof Orchestrator>[0]['model']) =>
  orchestrateRoute(
    new Orchestrator({ tools, model, now: () => new Date(), scrub: (text) => text, logger: silent }),
    fullAccess('hub-admin'),
  );
const scripted = routeWith(async () => scriptedModel([{ text: 'Bom dia.' }]));
const raw = { params: {}, query: {}, body: { prompt: 'Diga bom dia', context: 'manhã' } };

it('answers at the end, or in events for who asks for them', async () => {
  expect(await scripted.handle(raw, context)).toMatchObject({
    status: 200,
    body: { status: 'done', text: 'Bom dia.' },
  });
  const wishing = { ...context, wantsEvents: true };
  const answer = await routeWith(async () => scriptedModel([{ text: 'Bom dia.' }])).handle(raw, wishing);
  const events: unknown[] = [];
  if ('events' in answer) for await (const event of answer.events) events.push(event);
  expect(events).toMatchObject([{ event: 'text' }, { event: 'outcome', data: { text: 'Bom dia.' } }]);
});

it('without a key says what to set; with a bad body, which field', async () => {
  const keyless = routeWith(geminiProvider({ apiKey: undefined, model: 'm' }));
  await expect(keyless.handle(raw, context)).rejects.toMatchObject({
    code: 'nao_configurado',
    hint: expect.stringContaining('GEMINI_API_KEY'),
  });
  await expect(scripted.handle({ ...raw, body: { prompt: 'x', max_steps: 99 } }, context)).rejects.toMatchObject({
    code: 'pedido_recusado',
    errors: [{ field: 'max_steps' }],
  });
});

it('is in the OpenAPI document, with its schemas by name', () => {
  const document = JSON.stringify(openApiDocument([scripted], '1.0.0'));
  for (const name of ['OrchestrateRequest', 'OrchestrationOutcome', 'OrchestrationPlan', 'OrchestrationStep']) {
    expect(document).toContain(`"#/components/schemas/${name}"`);
  }
});
