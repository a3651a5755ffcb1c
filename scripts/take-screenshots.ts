/** `npm run screenshots`: the hub's page as the documents show it, taken of the built program on invented data. Needs Chromium. */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { launchBrowser, visit } from '../test/support/browser.ts';
import { logIn, startPageHub } from '../test/support/hub-page.ts';

const folder = fileURLToPath(new URL('../docs/images/', import.meta.url));

const hub = await startPageHub({ hostile: false });
const browser = await launchBrowser();
try {
  const wide = await visit(browser, hub.origin, { viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
  await logIn(wide.page);
  await deployAndUse(wide.page);
  await wide.page.setViewportSize({ width: 1280, height: 1040 });
  await shoot(wide.page, 'hub-servers');
  await wide.page.setViewportSize({ width: 1280, height: 900 });
  await wide.page.getByRole('link', { name: 'Procurar', exact: true }).click();
  await wide.page.getByLabel('O que procurar').fill('notas');
  await wide.page.getByRole('button', { name: 'Procurar' }).click();
  await wide.page.getByText('3 servidores achados.').waitFor();
  await wide.page
    .getByText(/Por que está aqui/)
    .first()
    .click();
  await shoot(wide.page, 'hub-discover');
  await wide.page.getByRole('button', { name: 'Planejar br.com.exemplo/notas com npx' }).click();
  await wide.page.getByLabel('Li o que será executado').check();
  await wide.page.evaluate("document.getElementById('implantar-title').scrollIntoView()");
  await shoot(wide.page, 'hub-dry-run');
  await wide.close();

  const narrow = await visit(browser, hub.origin, { viewport: { width: 360, height: 740 }, colorScheme: 'light' });
  await logIn(narrow.page);
  await narrow.page.getByText('saudável').first().waitFor();
  await shoot(narrow.page, 'hub-narrow');
  await narrow.close();
} finally {
  await browser.close();
  await hub.close();
}

async function deployAndUse(page: Page): Promise<void> {
  for (const [name, domain] of [
    ['Notas da diretoria', 'diretoria'],
    ['Notas do financeiro', 'financeiro'],
  ] as const) {
    const id = await hub.deploy({ folder: 'notas', name, domain });
    await page.getByRole('article', { name }).getByText('saudável').waitFor();
    if (name === 'Notas da diretoria') await hub.ask('POST', `/api/servers/${id}/stop`);
  }
  await hub.ask('POST', '/tools/consultar_categorias_empresa', { company_id: 'empresa_001' });
  const server = page.getByRole('article', { name: 'Notas do financeiro' });
  await server.getByRole('button', { name: 'Chamar ferramenta' }).click();
  await server.getByLabel('Argumentos (JSON)').fill('{"texto": "Conferir o extrato de outubro"}');
  await server.getByRole('button', { name: 'Chamar', exact: true }).click();
  await server.getByText('Guardada: Conferir o extrato de outubro').waitFor();
  await page.getByRole('article', { name: 'Notas da diretoria' }).getByText('parado', { exact: true }).waitFor();
  await page.evaluate('window.scrollTo(0, 0)');
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${folder}${name}.png`, animations: 'disabled', caret: 'hide' });
}
