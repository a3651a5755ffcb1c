import { expect, it } from 'vitest';
import { missingLibraries } from '../../../src/config/hub-libraries.ts';
import { tellMissing } from '../../../src/house/open-hub.ts';
import { Secret } from '../../../src/logging/secret.ts';

it('what is not there is told with what it costs; those of this project are all there, loaded or not', () => {
  expect(missingLibraries({})).toEqual([]);
  const isThere = (name: string): boolean => name === 'tar';
  const missing = missingLibraries({ E2B_API_KEY: new Secret('e2b_0123456789') }, isThere);
  expect(missing.map(({ name, wanted, command }) => [name, wanted, command])).toEqual([
    ['@octokit/request', true, 'npm install @octokit/request@10'],
    ['dockerode', false, 'npm install dockerode@5'],
    ['e2b', true, 'npm install e2b@2'],
    ['@google/genai', false, 'npm install @google/genai@2'],
  ]);
  expect(missing.map(({ without }) => without).join()).toMatch(/github_url.*method docker.*method e2b.*orchestrate/);
});

it('the start has a line for each, a warning where the settings ask for it', () => {
  const lines: string[] = [];
  const line = (level: string) => (facts: object, message: string) =>
    void lines.push(`${level} ${message} ${JSON.stringify(facts)}`);
  tellMissing(
    missingLibraries({ DOCKER_HOST: 'unix:///x' }, (name) => name !== 'dockerode' && name !== 'e2b'),
    { warn: line('warn'), info: line('info') },
  );
  expect(lines).toEqual([
    expect.stringMatching(/^warn hub library missing .*dockerode.*contêineres.*npm install dockerode@5/),
    expect.stringMatching(/^info hub library missing .*"e2b".*npm install e2b@2/),
  ]);
});
