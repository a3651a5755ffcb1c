import type { Command } from './runner.ts';

/** Beside what is run, in the server's own folder: the list that was judged, which nobody else writes. */
export const REQUIREMENTS = 'requirements.txt';

const PIP = [
  '-m',
  'pip',
  'install',
  '--no-input',
  '--disable-pip-version-check',
  '--no-cache-dir',
  '--only-binary=:all:',
];

/**
 * A Python program in a virtual environment of its own, made anew or completed first.
 *
 * @param own the server's own folder
 * @param packages some must be installed: {@link REQUIREMENTS} lists them
 */
export function pythonProgram(file: string, args: readonly string[], own: string, packages: boolean): Command[] {
  const python = `${own}/venv/bin/python`;
  // pip is half a minute of a slow machine, and nothing where there is nothing to install.
  const prepare: Command[] = packages
    ? [
        { command: 'python3', args: ['-m', 'venv', `${own}/venv`] },
        { command: python, args: [...PIP, '-r', `${own}/${REQUIREMENTS}`] },
      ]
    : [{ command: 'python3', args: ['-m', 'venv', '--without-pip', `${own}/venv`] }];
  // Neither variables nor packages of this user change what it loads.
  return [...prepare, { command: python, args: ['-E', '-s', '-u', file, ...args] }];
}
