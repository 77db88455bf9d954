import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ALL_CHECKS } from '../../../scripts/smoke/checks.ts';
import { repair } from '../../../scripts/smoke/repair.ts';
import type { Smoke } from '../../../scripts/smoke/examined.ts';

const page = await readFile('docs/unproven.md', 'utf8');
const rowsOf = (section: string): readonly (readonly string[])[] => {
  const [, text = ''] = new RegExp(`^## ${section}$(.*?)^## `, 'ms').exec(page) ?? [];
  return text
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| claim'))
    .map((line) => line.slice(2, -2).split(' | '));
};
const ids = new Set(ALL_CHECKS.map(({ id }) => id));

describe.each(['AWS', 'The Prometheus host'])('docs/unproven.md, %s', (section) => {
  const rows = rowsOf(section);

  test('every claim names the smoke step that proves it, or says why none can and how it is done by hand', () => {
    expect(rows.length).toBeGreaterThan(15);
    for (const [claim, step = '', byHand = '', ...more] of rows) {
      const named = [...step.matchAll(/`([^`]+)`/g)].map(([, id]) => id);
      const isExplained = /\bnone(?:: \S.{10,}| for \S)|^every step/.test(step);
      expect([claim, named.length > 0 || isExplained, byHand.length > 10, more]).toEqual([claim, true, true, []]);
    }
  });

  test('every step that it names is one of the smoke test', () => {
    const named = rows.flatMap(([, step = '']) => [...step.matchAll(/`([^`]+)`/g)].map(([, id = '']) => id));
    expect(named.filter((id) => !ids.has(id))).toEqual([]);
  });
});

test('docs/smoke.md has a row for every step, in order, with what it says and needs', async () => {
  const lines = (await readFile('docs/smoke.md', 'utf8')).split('\n').filter((line) => line.startsWith('| `'));
  const rights = (needs: readonly string[]): string => needs.map((need) => `\`${need}\``).join(', ') || 'nothing';
  expect(lines).toEqual(ALL_CHECKS.map(({ id, says, needs }) => `| \`${id}\` | ${says} | ${rights(needs)} |`));
});

test('the runbooks mend what was changed beside CloudFormation as the red lines do', async () => {
  const place = { stack: { name: 'prometheus-on-emr-$STAGE' }, place: { region: '' } };
  const [, command = ''] = /(aws cloudformation create-change-set .*?) --region/.exec(repair(place as Smoke)) ?? [];
  expect(command).toContain('REVERT_DRIFT');
  expect(await readFile('docs/runbooks/README.md', 'utf8')).toContain(command);
});
