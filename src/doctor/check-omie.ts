import type { CredentialManager } from '../companies/credential-manager.ts';
import { asAppError } from '../errors.ts';
import { createOmieClient } from '../omie/client.ts';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';

/** Companies asked at the same time: quick for a hundred of them, and far from Omie's limits. */
const AT_ONCE = 5;
const ANSWER_MS = 10_000;
/** Certificates, tokens and "today" begin to go wrong beyond. */
const SKEW_MS = 30_000;

/** Whether Omie can be reached over TLS, and whether this machine's clock agrees with the `Date` of its answer. */
export function checkOmieDoor(baseUrl: string, now: () => number): Check {
  return {
    name: 'Omie',
    async run() {
      const { host } = new URL(baseUrl);
      let response: Response;
      try {
        response = await fetch(baseUrl, { redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
        await response.body?.cancel();
      } catch (error) {
        return [problem(`Omie: ${host} não responde (${reasonOf(error)})`, adviceFor(reasonOf(error)))];
      }
      return [ok(`Omie: ${host} responde`), clockFinding(response.headers.get('date'), now())];
    },
  };
}

function clockFinding(date: string | null, now: number): Finding {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return warning('relógio: o Omie não disse a hora', 'Confira o relógio da máquina por NTP.');
  const skew = now - theirs;
  if (Math.abs(skew) <= SKEW_MS) return ok('relógio: certo');
  const seconds = Math.round(Math.abs(skew) / 1000);
  return problem(
    `relógio: ${seconds} s ${skew > 0 ? 'adiantado' : 'atrasado'} em relação ao Omie`,
    'Ligue a sincronização por NTP: "hoje" e os vencidos dependem do relógio.',
  );
}

/** One cheap read a company. */
export function checkCompanies(manager: CredentialManager, baseUrl: string): Check {
  return {
    name: 'empresas',
    async run() {
      const omie = createOmieClient({ baseUrl });
      const waiting = manager.companies().map(({ id }) => id);
      const findings = new Map<string, Finding>();
      const ask = async (): Promise<void> => {
        for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
          findings.set(id, await askCompany(id));
        }
      };
      const askCompany = async (id: string): Promise<Finding> => {
        try {
          await omie.check(await manager.get(id), { timeoutMs: ANSWER_MS });
          return ok(`empresa ${id}: o Omie respondeu`);
        } catch (thrown) {
          const { message, hint } = asAppError(thrown);
          return problem(`empresa ${id}: ${message}`, hint ?? 'Tente de novo em alguns minutos.');
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, ask));
      await omie.close();
      return manager.companies().flatMap(({ id }) => findings.get(id) ?? []);
    },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'desconhecido';
  if (error.name === 'TimeoutError') return 'sem resposta em 10 s';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error.cause === undefined ? error.name : reasonOf(error.cause);
}

function adviceFor(reason: string): string {
  if (/CERT|TLS|SSL|UNABLE_TO|SIGNED/.test(reason))
    return 'Um proxy troca o certificado? Aponte NODE_EXTRA_CA_CERTS para a CA dele.';
  if (reason === 'ENOTFOUND' || reason === 'EAI_AGAIN') return 'Confira o DNS da máquina e OMIE_BASE_URL.';
  return 'Libere a saída HTTPS para o Omie no firewall e confira OMIE_BASE_URL.';
}
