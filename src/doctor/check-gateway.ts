import { resolve } from 'node:path';
import type { Variables } from '../config/load-config.ts';
import { ConfigurationError } from '../errors.ts';
import { jsonPath } from '../files/json-path.ts';
import { openGatewayFile } from '../gateway/config/gateway-source.ts';
import { refusedAddresses } from '../gateway/config/refused-addresses.ts';
import { type Check, type Finding, ok, problem, warning } from './finding.ts';

const ADVICE = 'Corrija o arquivo (GATEWAY_CONFIG); `validate --gateway --online` também se conecta a cada servidor.';

/** The file of mounted servers, read as `serve` reads it. Nothing is connected to. */
export function checkGateway(file: string | undefined, variables: Variables): Check {
  return {
    name: 'gateway',
    async run() {
      if (file === undefined) return [];
      try {
        const outcome = openGatewayFile({ path: resolve(file), variables }).load();
        if (outcome.kind === 'rejected') return bad(outcome.problems);
        const refused = bad(
          refusedAddresses(outcome.content).map(([path, message]) => `${jsonPath(path)}: ${message}`),
        );
        const warnings = outcome.kind === 'loaded' ? outcome.warnings : [];
        const findings = [...refused, ...warnings.map((line) => warning(`gateway: ${line}`, ADVICE))];
        if (findings.length > 0) return findings;
        return [ok(`gateway: ${outcome.content.servers.length} servidor(es), o arquivo está bom`)];
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        return bad(error.problems);
      }
    },
  };
}

function bad(problems: readonly string[]): Finding[] {
  return problems.map((line) => problem(`gateway: ${line}`, ADVICE));
}
