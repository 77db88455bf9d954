import { expect, test } from 'vitest';
import type { Reconfigured } from '../../shared/core/event.ts';
import { askAgain } from '../../shared/core/reconfigured.ts';
import { docTable } from './doc-table.ts';
import { ago, aNode, installed, MINUTE, nodeExporter, NOW } from './sample-record.ts';

const HOUR = 60 * MINUTE;
const jmx = { ...nodeExporter, name: 'jmx', recheck: 6 };
const roles = { 'ig-1': 'CORE', 'ig-2': 'TASK' } as const;
const heard = { ...installed, at: ago(HOUR) };
const waiting = { ...heard, askBy: ago(-HOUR) };

const told = (state: Reconfigured['state'], at: string, collectionId = 'ig-1'): Reconfigured => ({
  collectionId,
  state,
  at,
});
const askedBy = (
  before: typeof heard | typeof waiting,
  news: readonly Reconfigured[],
  role: 'CORE' | 'MASTER' = 'CORE',
) =>
  askAgain(aNode({ role, exporters: { jmx: { installed: before }, node: { installed: before } } }), roles, news, [
    jmx,
    nodeExporter,
  ]).exporters;

const rows: Readonly<Record<string, readonly [ReturnType<typeof askedBy>, string | undefined]>> = {
  'is under way before the event → after two hours': [
    askedBy(heard, [told('under way', NOW.toISOString())]),
    ago(-2 * HOUR),
  ],
  'is at rest before the event, and it waits → now': [
    askedBy(waiting, [told('at rest', NOW.toISOString())]),
    NOW.toISOString(),
  ],
  'is at rest before the event → as it was': [askedBy(heard, [told('at rest', NOW.toISOString())]), undefined],
  'anything after the event → as it was': [askedBy(heard, [told('under way', ago(HOUR))]), undefined],
};

test.each(Object.entries(rows))('%s', (_title, [exporters, askBy]) => {
  expect(exporters['jmx']?.installed?.askBy).toBe(askBy);
});

test('the table of the doc comment is what is tested', () => {
  expect(docTable('shared/core/reconfigured.ts')).toEqual(Object.keys(rows));
});

test('the end counts, in whatever order the two events come', () => {
  const events = [told('at rest', ago(MINUTE)), told('under way', ago(2 * MINUTE))];
  expect(askedBy(heard, events)['jmx']?.installed?.askBy).toBe(ago(MINUTE));
});

test.each<[string, ReturnType<typeof askedBy>[string] | undefined]>([
  ['an exporter that is never asked again', askedBy(heard, [told('under way', NOW.toISOString())])['node']],
  ['another role', askedBy(heard, [told('under way', NOW.toISOString())], 'MASTER')['jmx']],
  ['another group', askedBy(heard, [told('under way', NOW.toISOString(), 'ig-2')])['jmx']],
  ['a group that nobody knows', askedBy(heard, [told('under way', NOW.toISOString(), 'ig-3')])['jmx']],
])('%s is left in peace', (_title, state) => {
  expect(state).toEqual({ installed: heard });
});
