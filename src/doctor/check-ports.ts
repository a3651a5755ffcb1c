import { createServer } from 'node:net';
import type { Environment } from '../config/environment.ts';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';

interface WantedPort {
  readonly setting: string;
  readonly host: string;
  readonly port: number;
  /** A path that our own server answers there. */
  readonly path: string;
}

const ANSWER_MS = 2_000;

/** Each port is free, or it is a server of ours that holds it. */
export function checkPorts(environment: Environment): Check {
  const { MCP_HOST: host, METRICS_HOST } = environment;
  const wanted: WantedPort[] = [{ setting: 'MCP_PORT', host, port: environment.MCP_PORT, path: '/health' }];
  const extra = [
    ['MCP_SSE_PORT', environment.MCP_SSE_PORT],
    ['MCP_HTTP_PORT', environment.MCP_HTTP_PORT],
  ] as const;
  for (const [setting, port] of extra) if (port !== undefined) wanted.push({ setting, host, port, path: '/health' });
  if (environment.ENABLE_METRICS)
    wanted.push({ setting: 'METRICS_PORT', host: METRICS_HOST, port: environment.METRICS_PORT, path: '/metrics' });
  return { name: 'portas', run: async () => [...twice(wanted), ...(await Promise.all(wanted.map(look)))] };
}

/** Each is free by itself, and the second to be opened would not be. */
function twice(wanted: readonly WantedPort[]): Finding[] {
  return wanted.flatMap(({ setting, port }, index) => {
    const first = wanted.slice(0, index).find((other) => port !== 0 && other.port === port);
    if (first === undefined) return [];
    return [problem(`${setting} e ${first.setting} são a mesma porta (${port})`, `Dê outra porta a ${setting}.`)];
  });
}

async function look({ setting, host, port, path }: WantedPort): Promise<Finding> {
  if (port === 0) return ok(`${setting}: qualquer porta livre`);
  const reason = await whyNotFree(host, port);
  if (reason === undefined) return ok(`${setting}: a porta ${port} está livre`);
  if (reason !== 'EADDRINUSE')
    return problem(
      `${setting}: a porta ${port} em ${host} não pode ser aberta (${reason})`,
      'Confira MCP_HOST e use uma porta acima de 1023.',
    );
  const state = await askOurs(host, port, path);
  if (state === 'ok') return ok(`${setting}: o servidor já responde na porta ${port}`);
  if (state !== undefined)
    return warning(`${setting}: o servidor na porta ${port} diz "${state}"`, 'Veja o motivo em /health com o token.');
  return problem(
    `${setting}: a porta ${port} está ocupada por outro programa`,
    `Pare o outro programa ou mude ${setting}.`,
  );
}

function whyNotFree(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error) => resolve('code' in error ? String(error.code) : 'erro'));
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}

/** What our server says of itself; undefined when it is not ours. */
async function askOurs(host: string, port: number, path: string): Promise<string | undefined> {
  const name = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host;
  try {
    const response = await fetch(`http://${name}:${port}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) });
    const text = await response.text();
    if (path === '/metrics') return text.includes('omie_mcp_') ? 'ok' : undefined;
    return /^\{"status":"(ok|degraded|draining)"/.exec(text)?.[1];
  } catch {
    return undefined;
  }
}
