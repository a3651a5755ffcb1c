// What the hub's pages never do in a real browser: run somebody's markup, ask another host, go on with a token that is not good.
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchBrowser, visit } from '../support/browser.ts';
import { closeAfterEach } from '../support/close-after-each.ts';
import { logIn, type PageHub, startPageHub } from '../support/hub-page.ts';
import { MARKUP } from '../support/notes-server.ts';

describe.skipIf(!hasChromium)('the pages of the hub', () => {
  let hub: PageHub;
  let browser: Browser;
  beforeAll(async () => {
    [hub, browser] = await Promise.all([startPageHub(), launchBrowser()]);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await hub?.close();
  });
  const open = closeAfterEach();
  afterEach(() => hub.clear());
  const enter = async (path = '/') => {
    const visited = await visit(browser, `${hub.origin}${path}`);
    open.push(visited.close);
    return visited;
  };

  it.each([
    ['/docs', '.opblock'],
    ['/redoc', '[data-section-id]'],
  ])('%s shows the API without a word to another host, and without a complaint', async (path, shown) => {
    const { page, complaints } = await enter(path);
    await page.locator(shown).first().waitFor();
    await page.getByText('/api/orchestrate').first().waitFor();
    if (path === '/docs') {
      await page.route('**/api/overview', (route) =>
        route.fulfill({ contentType: 'application/json', body: '{"n":9007199254740993}' }),
      );
      const asked = page.locator('.opblock', { hasText: '/api/overview' });
      await asked.getByRole('button').first().click();
      await asked.getByRole('button', { name: 'Try it out' }).click();
      await asked.getByRole('button', { name: 'Execute' }).click();
      // No double holds it.
      await asked.getByText('9007199254740993').first().waitFor();
    }
    expect(complaints).toEqual([]);
  });

  it('says that a token is wrong, and keeps asking', async () => {
    const { page } = await enter();
    for (const [wrong, said] of [
      ['com espaço é', 'Um token não tem espaços nem acentos.'],
      ['nao-e-este', 'O token de administração não confere.'],
    ] as const) {
      await page.getByLabel('Token de administração').fill(wrong);
      await page.getByRole('button', { name: 'Entrar' }).click();
      await page.getByRole('alert').getByText(said).waitFor();
      expect(await page.evaluate('document.activeElement.id')).toBe('token');
    }
    expect(await page.locator('#panel').isVisible()).toBe(false);
    await logIn(page);
  });

  it('names, descriptions, logs and answers that hold markup stay text, and what does not show in a name is written out', async () => {
    const { page, complaints } = await enter();
    await logIn(page);
    const name = `Notas ${MARKUP}`.slice(0, 80);
    await hub.deploy({ folder: 'hostil', name, args: [MARKUP] });
    const server = page.getByRole('article', { name });
    await server.getByText('saudável').waitFor();
    await server.getByRole('button', { name: 'Chamar ferramenta' }).click();
    await server.getByText(`Guarda uma nota. ${MARKUP}`).waitFor();
    const unseen = 'pa\\u{202e}rag';
    await server.getByRole('listitem').getByText(unseen, { exact: true }).waitFor();
    const option = server.locator('option', { hasText: unseen });
    expect(await option.getAttribute('value')).toBe('pa\u202erag');
    await server.getByLabel('Argumentos (JSON)').fill(JSON.stringify({ texto: MARKUP }));
    await server.getByRole('button', { name: 'Chamar', exact: true }).click();
    await server.getByText(`Guardada: ${MARKUP}`).waitFor();
    await server.getByRole('button', { name: 'Log' }).click();
    await server.getByText(`servidor de notas pronto ${MARKUP}`).waitFor();
    await server.getByRole('button', { name: 'Apagar' }).click();
    await page
      .getByRole('dialog', { name: `Apagar ${name}?` })
      .getByText('Cancelar')
      .click();

    await page.getByRole('link', { name: 'Procurar', exact: true }).click();
    await page.getByLabel('O que procurar').fill('notas');
    await page.getByRole('button', { name: 'Procurar' }).click();
    await page.getByText(`Notas para equipes ${MARKUP}`).waitFor();

    await page.getByRole('link', { name: 'Implantar', exact: true }).click();
    await page.getByLabel('Fonte').selectOption('folder');
    await page.getByLabel('Subpasta de HUB_LOCAL_DIR').fill('hostil');
    await page.getByLabel('Argumentos, um por linha').fill(MARKUP);
    await page.getByRole('button', { name: 'Simular' }).click();
    await page.getByRole('region', { name: 'Simulação' }).getByText(MARKUP, { exact: true }).waitFor();

    expect(await page.locator('main img, main b >> text=negrito').count()).toBe(0);
    expect(await page.title()).not.toContain('pwned');
    expect(complaints).toEqual([]);
  });

  it('its policy lets in no markup and no script, whatever the page would do', async () => {
    const { page, complaints } = await enter();
    const outcome = (script: string) =>
      page.evaluate<string>(`(async () => { try { ${script}; return 'done'; } catch (e) { return e.name; } })()`);
    expect(await outcome(`document.body.innerHTML = '<b>x</b>'`)).toBe('TypeError');
    expect(await outcome(`document.body.setAttribute('onclick', 'document.title = 1')`)).toBe('TypeError');
    expect(await outcome(`await fetch('http://foreign.invalid/')`)).toBe('TypeError');
    expect(complaints.join(' ')).toMatch(/connect-src 'self'/);
  });

  it('says that the connection is lost, and comes back by itself with what happened meanwhile', async () => {
    const { page } = await enter();
    await logIn(page);
    const id = await hub.deploy({ folder: 'notas' });
    const server = page.getByRole('article', { name: 'notas', exact: true });
    await server.getByText('saudável').waitFor();
    hub.gate.shut();
    await page.getByText(/Sem conexão/).waitFor();
    await server.getByRole('button', { name: 'Parar' }).click();
    await server.getByRole('alert').getByText('O hub não respondeu.').waitFor();
    await hub.ask('POST', `/api/servers/${id}/stop`);
    // As a proxy answers while the hub is not back.
    await page.route('**/api/events', (route) => route.fulfill({ status: 404, body: 'not here' }));
    const missed = page.waitForResponse((response) => response.url().endsWith('/api/events'));
    hub.gate.open();
    await missed;
    await page.unroute('**/api/events');
    await page.getByText('Ao vivo', { exact: true }).waitFor();
    await server.getByText('parado', { exact: true }).waitFor();
  });

  it('hangs up while nobody looks, and is live again when somebody does', async () => {
    const { page } = await enter();
    await logIn(page);
    const setHidden = (hidden: boolean) =>
      page.evaluate(`(() => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => ${hidden} });
        document.dispatchEvent(new Event('visibilitychange'));
      })()`);
    const ended = page.waitForEvent('requestfailed', (request) => request.url().endsWith('/api/events'));
    await setHidden(true);
    await page.getByText('Em pausa').waitFor();
    await ended;
    await setHidden(false);
    await page.getByText('Ao vivo', { exact: true }).waitFor();
  });

  it('asks for the token again when it is no longer good, and shows nothing of before', async () => {
    const { page } = await enter();
    await logIn(page);
    await hub.deploy({ folder: 'notas' });
    const server = page.getByRole('article', { name: 'notas', exact: true });
    const asksAgain = page.getByRole('alert').getByText(/não é, ou não é mais, o de administração/);
    await server.getByText('saudável').waitFor();
    const refuse = (headers: Record<string, string>, detail: string) =>
      page.route('**/tools', (route) =>
        route.fulfill({ status: 403, headers, json: { title: 'Não', status: 403, code: 'sem_permissao', detail } }),
      );
    // What a tool or a proxy refuses is no reason to ask again.
    await refuse({}, 'Seu acesso não inclui a ferramenta.');
    await server.getByRole('button', { name: 'Chamar ferramenta' }).click();
    await server.getByRole('alert').getByText('Seu acesso não inclui a ferramenta.').waitFor();
    await server.getByRole('button', { name: 'Chamar ferramenta' }).click();
    // As the hub answers to a token that is good for the tools alone.
    await refuse(
      { 'www-authenticate': 'Bearer realm="hub", error="insufficient_scope"' },
      'Este token não administra.',
    );
    await server.getByRole('button', { name: 'Chamar ferramenta' }).click();
    await asksAgain.waitFor();
    expect(await page.getByRole('article').count()).toBe(0);
    await logIn(page);
    await hub.restart('outro-token-de-administracao-0002');
    await asksAgain.waitFor();
    expect(await page.getByRole('article').count()).toBe(0);
    await logIn(page, 'outro-token-de-administracao-0002');
    await page.getByRole('article', { name: 'notas', exact: true }).waitFor();
  });
});
