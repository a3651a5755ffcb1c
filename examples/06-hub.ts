// The hub: a server is looked at, deployed and used; a model plans with its tools, a person approves, and it is done again
// without a model. The model is a script, so that this runs without any provider.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { startApp } from '../src/app.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { type Script, scriptedModel } from '../src/hub/orchestration/scripted-model.ts';
import type { House } from './start-house.ts';

const TOKEN = 'token-de-administracao-do-exemplo';

/** Reads, asks for a note to be written, and says what it did. */
const script: Script = [
  { calls: [{ name: 'notes__read_notes' }] },
  { calls: [{ name: 'notes__add_note', args: { note: 'Alfa pays on Fridays' } }] },
  { text: 'One note is to be added.' },
  { text: 'The note was added.' },
];

export async function run({ simulator, credentialsFile }: House): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-example-'));
  const config = loadConfig({
    variables: {
      CREDENTIALS_FILE: credentialsFile,
      OMIE_BASE_URL: simulator.url,
      MCP_PORT: '0',
      MCP_LOG_LEVEL: 'silent',
      HUB_ENABLED: 'true',
      HUB_ADMIN_TOKEN: TOKEN,
      HUB_DATA_DIR: dataDir,
      HUB_LOCAL_DIR: fileURLToPath(new URL('.', import.meta.url)),
    },
  });
  const model = scriptedModel(script);
  const app = await startApp({ ...config, transports: ['http'], hubModel: async () => model });
  try {
    await walk(`http://127.0.0.1:${app.port}/api`);
  } finally {
    await app.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function walk(api: string): Promise<void> {
  const ask = async (method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${api}${path}`, {
      method,
      headers: { authorization: `Bearer ${TOKEN}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.ok(response.ok, text);
    return answer.parse(text === '' ? {} : JSON.parse(text));
  };

  const plan = await ask('POST', '/deploy?dry_run=true', { folder: 'notes-server', domain: 'notes' });
  assert.equal(plan.domain, 'notes');
  const { id = '' } = await ask('POST', '/deploy', { folder: 'notes-server', domain: 'notes' });
  let server = await ask('GET', `/servers/${id}`);
  for (; server.status === 'planned' || server.status === 'starting'; server = await ask('GET', `/servers/${id}`)) {
    await wait(50);
  }
  assert.deepEqual([server.status, server.tools], ['deployed', ['read_notes', 'add_note']], server.error);
  const notes = async (): Promise<string> => {
    const { result } = await ask('POST', '/invoke', { server_id: id, tool_name: 'read_notes' });
    return result?.content[0]?.text ?? '';
  };

  // The reading is done, the writing is shown.
  const planned = await ask('POST', '/orchestrate', { server_id: id, prompt: 'Note when Alfa pays.', mode: 'plan' });
  assert.equal(planned.status, 'planned');
  assert.deepEqual(stepsOf(planned), ['notes__read_notes done', 'notes__add_note waiting']);
  assert.equal(await notes(), 'no notes yet');

  // Exactly what was shown, once.
  const digest = planned.plan?.digest;
  const done = await ask('POST', '/orchestrate', { approve: true, digest });
  assert.deepEqual([done.status, done.text], ['done', 'The note was added.']);
  assert.deepEqual(stepsOf(done), ['notes__read_notes done', 'notes__add_note done']);
  assert.equal(await notes(), 'Alfa pays on Fridays\n');

  // The same steps again, without a model: what writes is shown and approved once more.
  const again = { server_id: id, steps: done.steps };
  const replay = await ask('POST', '/orchestrate', { ...again, mode: 'plan' });
  assert.equal(replay.status, 'planned');
  const replayed = await ask('POST', '/orchestrate', { ...again, approve: true, digest: replay.plan?.digest });
  assert.deepEqual([replayed.status, replayed.tokens], ['done', { input: 0, output: 0 }]);
  assert.equal(await notes(), 'Alfa pays on Fridays\n'.repeat(2));
  console.log(`  ${done.text} Replayed without a model: ${stepsOf(replayed).join(', ')}.`);

  await ask('DELETE', `/servers/${id}`);
  assert.equal((await ask('GET', '/servers')).total, 0);
}

const step = z.looseObject({ tool: z.string(), status: z.string().optional() });
/** Of every route that is asked here, as far as it is looked at. */
const answer = z.looseObject({
  id: z.string().optional(),
  domain: z.string().optional(),
  status: z.string().optional(),
  error: z.string().optional(),
  total: z.number().optional(),
  text: z.string().optional(),
  tokens: z.object({ input: z.number(), output: z.number() }).optional(),
  plan: z.object({ digest: z.string(), steps: z.array(step) }).optional(),
  steps: z.array(step).default([]),
  tools: z.unknown().optional(),
  result: z.object({ content: z.array(z.object({ text: z.string() })) }).optional(),
});
type Answer = z.output<typeof answer>;

const stepsOf = ({ steps }: Answer): string[] => steps.map(({ tool, status }) => `${tool} ${status}`);
