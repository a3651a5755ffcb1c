import { type Check, type Finding, problem } from './finding.ts';

/** Every finding of every check, in the order of the checks; one that breaks is a finding itself and stops no other. */
export async function runChecks(checks: readonly Check[]): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    checks.map(async (check) => {
      try {
        return await check.run();
      } catch {
        return [problem(`${check.name}: o exame falhou`, 'Rode de novo; se repetir, relate o caso.')];
      }
    }),
  );
  return findings.flat();
}

/** 1 when something is wrong; warnings alone are no failure. (2 is wrong usage, as in every command.) */
export function exitCodeOf(findings: readonly Finding[]): 0 | 1 {
  return findings.some(({ level }) => level === 'erro') ? 1 : 0;
}
