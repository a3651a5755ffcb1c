// The hub's page at `/` in a real browser: what an operator does with it, with a mouse, with the keyboard, on a telephone.
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium, launchBrowser, type Visit, visit } from '../support/browser.ts';
import { closeAfterEach } from '../support/close-after-each.ts';
import { adminToken, logIn, type PageHub, startPageHub } from '../support/hub-page.ts';

describe.skipIf(!hasChromium)('the page of the hub', () => {
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
  const enter = async (options?: Parameters<typeof visit>[2]): Promise<Visit> => {
    const visited = await visit(browser, hub.origin, options);
    open.push(() => visited.close());
    await logIn(visited.page);
    return visited;
  };

  it('finds, simulates, deploys, sees it healthy, invokes, reads the log, stops and deletes', async () => {
    const { page, complaints } = await enter();
    await page.getByRole('link', { name: 'Procurar', exact: true }).click();
    await page.getByLabel('O que procurar').fill('notas');
    await page.getByRole('button', { name: 'Procurar' }).click();
    const found = page.getByRole('article').filter({ hasText: 'br.com.exemplo/notas' });
    await found.getByText('verificado', { exact: true }).waitFor();
    await found.getByText(/Por que está aqui/).click();
    await found.getByText(/o registro conferiu o domínio exemplo\.com\.br/).waitFor();

    // Nothing can be deployed before it was simulated, and what was simulated was read.
    await found.getByRole('button', { name: 'Planejar br.com.exemplo/notas com npx' }).click();
    const deploy = page.getByRole('button', { name: 'Implantar' });
    const read = page.getByLabel('Li o que será executado');
    expect(await deploy.isDisabled()).toBe(true);
    const plan = page.getByRole('region', { name: 'Simulação' });
    await plan.getByText('--ignore-scripts').first().waitFor();
    await plan.getByText('npm:@exemplo/servidor-de-notas@1.4.0', { exact: true }).waitFor();
    expect(await deploy.isDisabled()).toBe(true);
    await read.check();
    expect(await deploy.isDisabled()).toBe(false);

    // A form that says something else has not been simulated.
    await plan.getByRole('button', { name: 'Adicionar NOTAS_IDIOMA' }).click();
    await page.keyboard.type('pt');
    expect(await deploy.isDisabled()).toBe(true);
    expect(await read.isChecked()).toBe(false);
    await page.getByRole('button', { name: 'Simular' }).click();
    await plan.getByText('Recebe as variáveis').waitFor();
    await read.check();
    const sent = page.waitForRequest((request) => request.url().endsWith('/api/deploy'));
    await deploy.click();
    // What was shown, and nothing that its source has come to say since.
    expect((await sent).postDataJSON()).toMatchObject({ digest: expect.stringMatching(/^[0-9a-f]{64}$/) });

    const server = page.getByRole('article', { name: '@exemplo/servidor-de-notas' });
    await server.getByText('saudável').waitFor();
    await server.getByText('no ar', { exact: true }).waitFor();
    await server.getByText('listar_notas', { exact: true }).waitFor();
    await page.getByText('1 de 1').waitFor();

    await server.getByRole('button', { name: 'Chamar ferramenta' }).click();
    await server.getByLabel('Ferramenta').selectOption('anotar');
    expect(await server.getByLabel('Argumentos (JSON)').inputValue()).toBe('{\n  "texto": ""\n}');
    await server.getByLabel('Argumentos (JSON)').fill('{"texto": ');
    await server.getByRole('button', { name: 'Chamar', exact: true }).click();
    await server.getByRole('alert').getByText('Os argumentos não são JSON.').waitFor();
    await server.getByLabel('Argumentos (JSON)').fill('{"texto": "Pagar o aluguel"}');
    await server.getByRole('button', { name: 'Chamar', exact: true }).click();
    await server.getByRole('region', { name: 'Resultado' }).getByText('Guardada: Pagar o aluguel').waitFor();
    expect(await server.getByRole('alert').count()).toBe(0);

    // Numbers that no double holds: sent as they were typed, shown as they came.
    const typed = '{"id": 9007199254740993, "taxa": 0.12345678901234567890}';
    await server.getByLabel('Ferramenta').selectOption('repetir');
    await server.getByLabel('Argumentos (JSON)').fill(typed);
    const called = page.waitForRequest((request) => request.url().endsWith('/api/invoke'));
    await server.getByRole('button', { name: 'Chamar', exact: true }).click();
    expect((await called).postData()).toContain(`"args":${typed}}`);
    const result = server.getByRole('region', { name: 'Resultado' });
    await result.getByText('"recebido"').waitFor();
    expect(await result.textContent()).toBe(`{
  "content": [],
  "structuredContent": {
    "recebido": {
      "id": 9007199254740993,
      "taxa": 0.12345678901234567890
    },
    "n": 9007199254740993,
    "n": -0,
    "__proto__": [
      1e400
    ]
  }
}`);

    await server.getByRole('button', { name: 'Log' }).click();
    await server
      .getByRole('region', { name: 'Linhas do log' })
      .getByText(/chamada: anotar/)
      .waitFor();

    await server.getByRole('button', { name: 'Parar' }).click();
    await server.getByText('parado', { exact: true }).waitFor();
    await server.getByRole('button', { name: 'Iniciar' }).waitFor();

    await server.getByRole('button', { name: 'Apagar' }).click();
    await page.getByRole('dialog', { name: 'Apagar @exemplo/servidor-de-notas?' }).getByText('Cancelar').click();
    await server.getByRole('button', { name: 'Apagar' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Apagar' }).click();
    await page.getByText('Nenhum servidor ainda.').waitFor();
    expect(complaints).toEqual([]);
  });

  it('is worked with the keyboard alone, and the focus is always somewhere', async () => {
    const { page, close } = await visit(browser, hub.origin);
    open.push(close);
    const press = (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
    await page.keyboard.type(adminToken);
    await press('Enter');
    await page.getByText('Ao vivo', { exact: true }).waitFor();

    await focus(page, 'Implantar');
    await press('Enter');
    await focused(page, 'Implantar um servidor');
    await press('Tab');
    await page.keyboard.type('Pasta');
    await press('Tab');
    await page.keyboard.type('notas');
    await press('Enter');
    await focused(page, 'Simulação');
    await focus(page, 'Li o que será executado');
    await press('Space', 'Tab', 'Enter');
    await focused(page, 'notas');
    const server = page.getByRole('article', { name: 'notas', exact: true });
    await server.getByText('saudável').waitFor();

    await focus(page, 'Chamar ferramenta');
    await press('Enter');
    await focused(page, 'Ferramenta');
    await page.keyboard.type('listar');
    await focus(page, 'Chamar');
    await press('Enter');
    await server.getByText('Nenhuma nota.').waitFor();

    await focus(page, 'Parar', 'Shift+Tab');
    await press('Enter');
    await server.getByText('parado', { exact: true }).waitFor();
    await focused(page, 'Iniciar');
    await focus(page, 'Apagar');
    await press('Enter', 'Escape');
    await focused(page, 'Apagar');
    await press('Enter', 'Tab', 'Enter');
    await page.getByText('Nenhum servidor ainda.').waitFor();
    await focused(page, 'Servidores');
  });

  it('fits a narrow screen: nothing leads sideways, whatever is open', async () => {
    const { page } = await enter({ viewport: { width: 360, height: 740 }, hasTouch: true });
    const overflow = () =>
      page.evaluate('document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth');
    await page.getByRole('link', { name: 'Procurar', exact: true }).click();
    await page.getByLabel('O que procurar').fill('notas');
    await page.getByRole('button', { name: 'Procurar' }).click();
    await page.getByRole('article').first().waitFor();
    expect(await overflow()).toBe(0);
    await page.getByRole('link', { name: 'Implantar', exact: true }).click();
    await page.getByLabel('Fonte').selectOption('folder');
    await page.getByLabel('Subpasta de HUB_LOCAL_DIR').fill('notas');
    await page.getByRole('button', { name: 'Adicionar variável' }).click();
    await page.getByLabel('Nome da variável').fill('UMA_VARIAVEL_DE_NOME_BEM_COMPRIDO');
    await page.getByLabel('Nome', { exact: false }).last().fill('umnomesemespaçosquenãoacabanuncamais'.repeat(2));
    await page.getByLabel('Argumentos, um por linha').fill(`--${'caminho/'.repeat(20)}`);
    await page.getByRole('button', { name: 'Simular' }).click();
    await page.getByLabel('Li o que será executado').check();
    expect(await overflow()).toBe(0);
    await page.getByRole('button', { name: 'Implantar' }).click();
    const server = page.getByRole('article');
    await server.getByText('saudável').waitFor();
    await server.getByRole('button', { name: 'Chamar ferramenta' }).click();
    await server.getByRole('button', { name: 'Log' }).click();
    await server.getByText(/servidor de notas pronto/).waitFor();
    expect(await overflow()).toBe(0);
    await page.getByRole('link', { name: 'Empresas', exact: true }).click();
    await page.getByRole('heading', { name: 'Empresas (3)' }).waitFor();
    expect(await overflow()).toBe(0);
  });
});

/** Goes on with the key until what has this name has the focus. */
async function focus(page: Page, name: string, key = 'Tab'): Promise<void> {
  const seen: string[] = [];
  for (let steps = 0; steps < 40; steps += 1) {
    await page.keyboard.press(key);
    seen.push(await nameOfFocus(page));
    if (seen.at(-1) === name) return;
  }
  throw new Error(`${name} is not reached with ${key}: ${seen.join(', ')}`);
}

const focused = (page: Page, name: string) => expect.poll(() => nameOfFocus(page), { timeout: 45_000 }).toBe(name);

/** Its label or text; empty when nothing has the focus. */
function nameOfFocus(page: Page): Promise<string> {
  return page.evaluate<string>(`(() => {
    const { activeElement: one, body } = document;
    if (one === null || one === body) return '';
    return (one.ariaLabel ?? one.labels?.[0]?.textContent ?? one.textContent).trim();
  })()`);
}
