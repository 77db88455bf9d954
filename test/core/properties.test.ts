import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyDecisions, claim } from '../../shared/core/commit.ts';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import { plan, type Action, type Knowledge } from '../../shared/core/plan.ts';
import { isSameRecord, parseRecord, renderRecord, type ClusterRecord } from '../../shared/core/record.ts';
import { parseReport } from '../../shared/core/report.ts';
import type { Settings } from '../../shared/core/settings.ts';
import { renderTargets, targetGroups } from '../../shared/core/targets.ts';
import { anyKnowledge, anyRecord, anySettings, fullKnowledge } from './arbitrary.ts';
import { deepFreeze } from './deep-freeze.ts';

const asked = fc
  .tuple(anyRecord, anySettings)
  .chain(([record, settings]) => fc.tuple(fc.constant(record), fc.constant(settings), anyKnowledge(record)));
const answered = fc
  .tuple(anyRecord, anySettings)
  .chain(([record, settings]) => fc.tuple(fc.constant(record), fc.constant(settings), fullKnowledge(record)));

const shuffled = <T>(values: readonly T[]): fc.Arbitrary<T[]> =>
  fc.shuffledSubarray([...values], { minLength: values.length, maxLength: values.length });
const reordered = <T extends object>(value: T): fc.Arbitrary<T> =>
  shuffled(Object.entries(value)).map((entries) => Object.fromEntries(entries) as T);

const places = (actions: readonly Action[]): string[] =>
  actions.map((action) => ('node' in action ? `${action.node} ${'exporter' in action ? action.exporter : ''}` : ''));

/** What reconcile does with a plan, without the world: decisions and claims, in the record. */
function apply(
  record: ClusterRecord,
  actions: readonly Action[],
  settings: Settings,
  { now }: Knowledge,
): ClusterRecord {
  const wanted = new Map(settings.exporters.map((exporter) => [exporter.name, exporter]));
  const orders = actions.filter((action) => action.kind === 'order');
  return claim(applyDecisions(record, actions, wanted, now), orders, 'order-new');
}

describe('whatever the record says,', () => {
  test('the plan is sorted by node and exporter', () => {
    fc.assert(
      fc.property(asked, ([record, settings, known]) => {
        const found = places(plan(record, settings, known));
        expect(found).toEqual(found.toSorted());
      }),
    );
  });

  test('planning and applying the plan leave their inputs as they were', () => {
    fc.assert(
      fc.property(asked, ([record, settings, known]) => {
        const [frozen, before] = [deepFreeze(structuredClone(record)), structuredClone(known)];
        apply(frozen, plan(frozen, deepFreeze(structuredClone(settings)), known), settings, known);
        expect(known).toEqual(before);
      }),
    );
  });

  test('the same record in another order of its keys gets the same plan', () => {
    const both = asked.chain(([record, settings, known]) =>
      fc.tuple(fc.constant({ record, settings, known }), reordered(record.nodes), shuffled(settings.exporters)),
    );
    fc.assert(
      fc.property(both, ([{ record, settings, known }, nodes, exporters]) => {
        expect(plan({ ...record, nodes }, { ...settings, exporters }, known)).toEqual(plan(record, settings, known));
      }),
    );
  });

  test('once every question is answered, no question is left', () => {
    fc.assert(
      fc.property(answered, ([record, settings, known]) => {
        const kinds = plan(record, settings, known).map(({ kind }) => kind);
        expect(kinds.filter((kind) => kind === 'ask' || kind === 'look' || kind === 'check')).toEqual([]);
      }),
    );
  });

  test('planning after the plan was applied gives nothing but waits', () => {
    fc.assert(
      fc.property(answered, ([record, settings, known]) => {
        const actions = plan(record, settings, known);
        fc.pre(actions.every(({ kind }) => kind !== 'end')); // an ended cluster has no record to plan from
        const again = plan(apply(record, actions, settings, known), settings, known);
        expect(again.filter(({ kind }) => kind !== 'wait')).toEqual([]);
      }),
    );
  });

  test('a plan of waits is noted once and rewrites the record no second time', () => {
    fc.assert(
      fc.property(answered, ([record, settings, known]) => {
        const once = apply(record, plan(record, settings, known), settings, known);
        const later = { ...known, now: new Date(known.now.getTime() + 1000) };
        const waits = plan(once, settings, later).filter(({ kind }) => kind === 'wait');
        expect(isSameRecord(apply(once, waits, settings, later), once)).toBe(true);
      }),
    );
  });
});

describe('a record', () => {
  test('that was written is read as it was', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        expect(parseRecord(renderRecord(record), 'clusters/j-1.json')).toEqual(record);
      }),
    );
  });

  test('is the same bytes in any order of its keys', () => {
    const both = anyRecord.chain((record) => fc.tuple(fc.constant(record), reordered(record), reordered(record.nodes)));
    fc.assert(
      fc.property(both, ([record, other, nodes]) => {
        expect(renderRecord({ ...other, nodes })).toBe(renderRecord(record));
      }),
    );
  });
});

describe('a target file', () => {
  test('is the same bytes in any order of its groups and labels', () => {
    const both = anyRecord.chain((record) => {
      const groups = targetGroups(record);
      const mixed = fc.tuple(
        ...groups.map(({ targets, labels }) => fc.record({ targets: shuffled(targets), labels: reordered(labels) })),
      );
      return fc.tuple(fc.constant(groups), mixed.chain(shuffled));
    });
    fc.assert(
      fc.property(both, ([groups, other]) => {
        expect(renderTargets(other)).toBe(renderTargets(groups));
      }),
    );
  });

  test('is read by the sidecar’s parser as it was meant', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const groups = targetGroups(record);
        const parsed = parseTargets(renderTargets(groups));
        expect(renderTargets(parsed)).toBe(renderTargets(groups));
        expect(parsed).toHaveLength(groups.length);
      }),
    );
  });
});

describe('a report', () => {
  const PREFIX = 'PROMETHEUS_ON_EMR ';
  test.each<[string, fc.Arbitrary<string>]>([
    ['any text', fc.string({ unit: 'binary' })],
    ['any line of ours', fc.string({ unit: 'binary' }).map((text) => `${PREFIX}${text}`)],
    ['any JSON', fc.json().map((text) => `noise\n${PREFIX}${text}\n`)],
  ])('never throws, out of %s', (_title, output) => {
    fc.assert(
      fc.property(output, (text) => {
        expect(() => parseReport(text)).not.toThrow();
      }),
    );
  });
});
