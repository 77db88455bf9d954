import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { readSettings } from '../../shared/runtime/read-settings.ts';

const settings = {
  hash: 'h',
  selection: { tags: { Team: ['data'] } },
  labels: { service: 'Service' },
  exporters: [
    {
      name: 'node',
      version: '1.12.1',
      revision: 'r',
      roles: ['MASTER'],
      parameters: { Port: '9100' },
      artifacts: { UrlAmd64: 'k' },
    },
  ],
  policies: { dryRun: false, pauseInstalls: true, limitDeletes: { nodes: 5 } },
  rollout: { atOnce: 0.1, failures: 0.05 },
};

async function fileOf(text: string): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'settings-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'settings.json'), text);
  return pathToFileURL(join(folder, 'settings.json'));
}

test('what the packager wrote is read back', async () => {
  expect(readSettings(await fileOf(JSON.stringify(settings)))).toEqual(settings);
});

test.each([
  ['no JSON', '{'],
  ['a missing field', JSON.stringify({ ...settings, hash: undefined })],
  [
    'a limit of two kinds',
    JSON.stringify({ ...settings, policies: { ...settings.policies, limitDeletes: { nodes: 1, share: 1 } } }),
  ],
  ['a field of another version', JSON.stringify({ ...settings, extra: 1 })],
])('%s is refused: the bundle was not packaged by this version', async (_name, text) => {
  const file = await fileOf(text);
  expect(() => readSettings(file)).toThrow(expect.objectContaining({ name: 'ConfigError' }));
});

test('a missing file is refused by its path', () => {
  expect(() => readSettings(new URL('file:///nowhere/settings.json'))).toThrow('/nowhere/settings.json');
});
