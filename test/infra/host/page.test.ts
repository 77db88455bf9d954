import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { hostParameters, readHostTemplate } from '../../../scripts/host/host-template.ts';

test('docs/host.md lists every parameter of the host, in order, with what it is where nobody says', async () => {
  const page = await readFile('docs/host.md', 'utf8');
  const [, table = ''] = /^## Parameters$(.*?)^## /ms.exec(page) ?? [];
  const rows = [...table.matchAll(/^\| `(\w+)` +\| (?:`([^`]*)`)?([^|]*)\|/gm)];
  const said = rows.map(([, name = '', fallback = '', words = '']) => [name, fallback || words.trim()]);
  const parameters = hostParameters(await readHostTemplate(), "the deployment's `alarmTopic`").map(
    ({ name, fallback }) => [name, fallback],
  );
  expect(said).toEqual(parameters);
});

test('every parameter that a person may set says what is expected of it', async () => {
  for (const { name, description, pattern } of hostParameters(await readHostTemplate(), '')) {
    expect([name, description]).toEqual([name, expect.stringMatching(/\w{3}/)]);
    expect([name, pattern]).toEqual([name, expect.stringMatching(/^\^/)]);
  }
});
