import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { wrongValues } from '../../../scripts/package/stack-parameters.ts';
import { hostParameters, readHostTemplate } from '../../../scripts/host/host-template.ts';
import { exampleOf } from '../../scripts/package/example-of.ts';

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

test('every parameter that a person may set says what is expected of it, with an example and the limits that it has', async () => {
  const all = hostParameters(await readHostTemplate(), '');
  for (const { name, description, pattern, constraint = '', range = [] } of all) {
    expect([name, description]).toEqual([name, expect.stringMatching(/\w{3}/)]);
    expect([name, pattern]).toEqual([name, expect.stringMatching(/^\^/)]);
    const example = exampleOf(constraint);
    expect([name, example, [...wrongValues(all, { [name]: example })]]).toEqual([name, expect.stringMatching(/./), []]);
    for (const limit of range.filter(Number.isFinite))
      expect([name, constraint]).toEqual([name, expect.stringContaining(`${limit}`)]);
  }
});
