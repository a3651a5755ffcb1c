import { execFileSync } from 'node:child_process';

/** The e2e tests run the built program: build it once, before any test. */
export default function build(): void {
  execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}
