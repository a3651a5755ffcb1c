import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Measure } from '../measure.ts';
import { repository } from '../paths.ts';

export const installSize: Measure = {
  name: 'install',
  async run(bench) {
    const directory = join(bench.directory, 'install');
    mkdirSync(directory);
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(`${repository}${file}`, join(directory, file));
    // Without scripts: `prepare` would compile, for which production has no compiler.
    const flags = ['--omit=dev', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'];
    const install = spawnSync('npm', ['ci', ...flags], { cwd: directory, encoding: 'utf8', timeout: 180_000 });
    const usage = spawnSync('du', ['-sm', 'node_modules'], { cwd: directory, encoding: 'utf8' });
    return [
      {
        what: 'Production install (`npm ci --omit=dev`)',
        goal: { atMost: 65 },
        value: Number.parseInt(usage.stdout, 10),
        unit: ' MB',
        detail: '`du -sm node_modules`',
        problems: install.status === 0 ? [] : [`npm ci: ${install.stderr.split('\n').slice(0, 5).join(' ')}`],
      },
    ];
  },
};
