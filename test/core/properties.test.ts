import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Action, Knowledge } from '../../shared/core/action.ts';
import { applyDecisions, claim } from '../../shared/core/commit.ts';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import { plan } from '../../shared/core/plan.ts';
import { policy, type Verdict } from '../../shared/core/policy.ts';
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

const judge = (record: ClusterRecord, settings: Settings, known: Knowledge): Verdict =>
  policy(settings.policies)(plan(record, settings, known), record);

/** What reconcile does with a verdict, without the world: decisions and claims, in the record. */
function apply(record: ClusterRecord, verdict: Verdict, settings: Settings, { now }: Knowledge): ClusterRecord {
  const wanted = new Map(settings.exporters.map((exporter) => [exporter.name, exporter]));
  const orders = verdict.allowed.filter((action) => action.kind === 'order');
  return claim(applyDecisions(record, verdict, wanted, now), orders, 'order-new');
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
        apply(frozen, judge(frozen, deepFreeze(structuredClone(settings)), known), settings, known);
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

  test('each action is allowed or refused, and the policies change none', () => {
    fc.assert(
      fc.property(answered, ([record, settings, known]) => {
        const { allowed, refused } = judge(record, settings, known);
        const all = [...allowed, ...refused.map(({ action }) => action)];
        expect(new Set(all)).toEqual(new Set(plan(record, settings, known)));
        expect(all).toHaveLength(new Set(all).size);
      }),
    );
  });

  test('planning after the plan was applied gives nothing but waits and what was refused before', () => {
    fc.assert(
      fc.property(answered, ([record, settings, known]) => {
        const before = judge(record, settings, known);
        fc.pre(before.allowed.every(({ kind }) => kind !== 'end')); // an ended cluster has no record to plan from
        const after = judge(apply(record, before, settings, known), settings, known);
        expect(after.allowed.filter(({ kind }) => kind !== 'wait')).toEqual([]);
        // A node of a deselected cluster that nothing of ours is on goes without being forgotten.
        const again = after.refused.filter(
          ({ action }) => !before.refused.some((one) => isDeepStrictEqual(one.action, action)),
        );
        expect(again).toEqual([]);
      }),
    );
  });

  test('what waits and what is refused is noted once and rewrites the record no second time', () => {
    fc.assert(
      fc.property(answered, ([record, settings, known]) => {
        const before = judge(record, settings, known);
        const once = apply(record, before, settings, known);
        const later = { ...known, now: new Date(known.now.getTime() + 1000) };
        const allowed = plan(once, settings, later).filter(({ kind }) => kind === 'wait');
        expect(isSameRecord(apply(once, { allowed, refused: before.refused }, settings, later), once)).toBe(true);
      }),
    );
  });

  test('a removal takes the endpoints away with its claim, and nothing else does', () => {
    fc.assert(
      fc.property(answered, ([record, settings, known]) => {
        const verdict = judge(record, settings, known);
        const after = apply(record, verdict, settings, known);
        const removed = verdict.allowed.filter(
          (action) =>
            (action.kind === 'order' && action.work.action === 'remove') ||
            (action.kind === 'drop' && action.of === 'exporter') ||
            action.kind === 'forget',
        );
        const gone = installs(record).filter((at) => !installs(after).includes(at));
        expect(gone.filter((at) => !places(removed).some((place) => at.startsWith(place)))).toEqual([]);
        expect(installs(after).filter((at) => places(removed).some((place) => at.startsWith(place)))).toEqual([]);
      }),
    );
  });
});

const installs = ({ nodes }: ClusterRecord): string[] =>
  Object.entries(nodes).flatMap(([id, { exporters }]) =>
    Object.entries(exporters).flatMap(([name, { installed }]) => (installed === undefined ? [] : [`${id} ${name}`])),
  );

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
