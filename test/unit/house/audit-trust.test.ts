// What the audit says of tools that went into quarantine: a hostile server hides nothing of another, and nobody's approval.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { AuditRecord } from '../../../src/audit/audit-record.ts';
import { McpLockFile } from '../../../src/gateway/trust/mcp-lock-file.ts';
import { approveTools, waitingTools } from '../../../src/gateway/trust/pins.ts';
import { EMPTY_OFFER } from '../../../src/gateway/upstreams/offer.ts';
import { type TrustEvent, trustScreen } from '../../../src/gateway/upstreams/trust-screen.ts';
import { auditTrust } from '../../../src/house/audit-trust.ts';
import { httpServer } from '../../support/gateway-house.ts';

it('a server that flips its tools without end is counted, and others and approvals have their lines', () => {
  const written: AuditRecord[] = [];
  const audit = auditTrust(
    (line) => written.push(line),
    (text) => text.replaceAll('segredo', '[redacted]'),
  );
  for (let index = 0; index < 150; index += 1) {
    audit.tell({ what: 'quarantined', server: 'hostil', tool: `t${index}` });
    audit.tell({ what: 'returned', server: 'hostil', tool: `t${index}` });
  }
  audit.tell({ what: 'approved', server: 'hostil', tool: 'segredo' });
  audit.tell({ what: 'quarantined', server: 'erp', tool: 'pagar' });
  audit.tell({ what: 'approved', server: 'erp', tool: 'pagar' });
  audit.close();
  expect(written.slice(0, 100).every(({ tool }) => tool.startsWith('hostil t'))).toBe(true);
  expect(written.slice(100).map(({ method, tool, outcome }) => [method, tool, outcome])).toEqual([
    ['gateway/approve', 'hostil [redacted]', 'ok'],
    ['gateway/quarantine', 'erp pagar', 'em_quarentena'],
    ['gateway/approve', 'erp pagar', 'ok'],
    ['gateway/changes', 'hostil +200', 'limite_de_uso'],
  ]);
});

it('a tool that waits since before the start is not told again, and that it comes out is', async () => {
  const lock = new McpLockFile(join(mkdtempSync(join(tmpdir(), 'lock-')), 'mcp.lock'));
  const server = httpServer('erp', 'http://127.0.0.1:9/mcp', { domains: ['x'] });
  const tool = (name: string, description: string) => ({ name, description, inputSchema: { type: 'object' as const } });
  const told: TrustEvent[] = [];
  const start = () => {
    const screen = trustScreen({ lock, onTrust: (event) => told.push(event) });
    return (...tools: ReturnType<typeof tool>[]) => screen(server, { ...EMPTY_OFFER, tools }, []);
  };
  const outcome = () => told.splice(0).map(({ what, tool: name }) => `${what} ${name}`);

  const first = start();
  await first(tool('pagar', 'Paga.'), tool('ler', 'Lê.'));
  await first(tool('pagar', 'Paga em dobro.'), tool('ler', 'Lê.'));
  expect(outcome()).toEqual(['quarantined pagar']);
  const second = start();
  await second(tool('pagar', 'Paga em dobro.'), tool('ler', 'Lê e apaga.'));
  expect(outcome()).toEqual(['quarantined ler']);
  await lock.update((known) =>
    approveTools(
      known,
      waitingTools(known).filter(({ name }) => name === 'pagar'),
    ),
  );
  await second(tool('pagar', 'Paga em dobro.'), tool('ler', 'Lê e apaga.'));
  expect(outcome()).toEqual(['approved pagar']);
  await start()(tool('pagar', 'Paga em dobro.'), tool('ler', 'Lê.'));
  expect(outcome()).toEqual(['returned ler']);
});
