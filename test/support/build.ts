import { spawnSync } from 'node:child_process';

/** The e2e tests run the built program: build it before any test. Type errors are `npm run types`' business. */
export default function build(): void {
  spawnSync('npm', ['run', '--silent', 'build'], { stdio: ['ignore', 'ignore', 'ignore'] });
}
