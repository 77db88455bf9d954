import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InstanceId } from '../../shared/core/model.ts';
import type { ClusterRecord, ExporterState, Work } from '../../shared/core/record.ts';
import { anyStory, play, type Step, type Story } from './rollout-model.ts';
import { MINUTE } from './sample-record.ts';

/** Longer than all delays of a node that fails five times, or is put off or silent as often as a story says. */
const LONG_ENOUGH = 600;
const LEASE = 16 * MINUTE;

interface Node extends ExporterState {
  readonly id: InstanceId;
}
const nodesOf = (record: ClusterRecord): readonly Node[] =>
  Object.entries(record.nodes).map(([id, { exporters }]) => ({ id: id as InstanceId, ...exporters['node'] }));

const isDone = ({ installed }: Node): boolean => installed?.revision === 'r2';
const hasChanged = (node: Node): boolean => isDone(node) && node.installed?.from === 'r1';
const hasFailed = ({ work }: Node): boolean => work?.phase === 'failed' || work?.phase === 'gaveUp';
const hasGivenUp = ({ work }: Node): boolean => work?.phase === 'gaveUp';
const age = ({ at }: Work, { now }: Step): number => now.getTime() - Date.parse(at);
const isUnderWay = ({ work }: Node, step: Step): boolean =>
  (work?.phase === 'ordered' || work?.phase === 'installing') && age(work, step) < LEASE;

/** Without an answer for 20 minutes, or 4 after it was put off: another may try in its place. */
const isSilent = (node: Node, step: Step): boolean =>
  node.work !== undefined && !hasFailed(node) && age(node.work, step) >= (node.work.deferrals === 0 ? 20 : 4) * MINUTE;

interface History {
  /** Nodes that were told to change, up to the last step. */
  readonly told: ReadonlySet<InstanceId>;
  /** Nodes that were silent once: they count no more. */
  readonly silent: ReadonlySet<InstanceId>;
  readonly story: Story;
}

/** Checks every minute of every rollout. */
function always(check: (step: Step, history: History) => void): void {
  const everyMinute = fc.property(anyStory, (story) => {
    const [told, silent] = [new Set<InstanceId>(), new Set<InstanceId>()];
    for (const step of play(story, LONG_ENOUGH)) {
      for (const node of step.before.flatMap(nodesOf)) if (isSilent(node, step)) silent.add(node.id);
      check(step, { told, silent, story });
      for (const id of step.told) told.add(id);
    }
  });
  fc.assert(everyMinute, { numRuns: 50 });
}

/** Those of them that have tried and were never silent. */
const triers = (nodes: readonly Node[], step: Step, { told, silent }: History): readonly InstanceId[] =>
  nodes.map(({ id }) => id).filter((id) => (told.has(id) || step.told.has(id)) && !silent.has(id));

const busy = (step: Step): readonly Node[] =>
  step.after.flatMap(nodesOf).filter((node) => isUnderWay(node, step) && !isSilent(node, step));

describe('in every minute of every rollout', () => {
  test('before the first success at most one node of the fleet has tried, unless it is silent', () => {
    always((step, history) => {
      if (step.before.flatMap(nodesOf).some(hasChanged)) return;
      expect(triers(step.after.flatMap(nodesOf), step, history).slice(1)).toEqual([]);
    });
  });

  test('before the first success at most one node of the fleet is under way, silent ones aside', () => {
    always((step) => {
      if (step.before.flatMap(nodesOf).some(hasChanged)) return;
      expect(busy(step).slice(1)).toEqual([]);
    });
  });

  test('before its first success at most one node of a cluster has tried, unless it is silent', () => {
    always((step, history) => {
      for (const nodes of step.before.map(nodesOf).filter((some) => !some.some(hasChanged))) {
        expect(triers(nodes, step, history).slice(1)).toEqual([]);
      }
    });
  });

  test('the rest begins only when the own try of every cluster is over', () => {
    always((step) => {
      const clusters = step.before.map(nodesOf);
      const isRest = clusters
        .filter((nodes) => nodes.some(hasChanged))
        .some((nodes) => nodes.some(({ id, work }) => step.told.has(id) && work === undefined));
      if (!isRest) return;
      const open = clusters.filter((nodes) => !nodes.some(hasChanged) && !nodes.some(hasFailed));
      const canTry = open.filter((nodes) => nodes.some((node) => !isDone(node) && node.work === undefined));
      expect(canTry).toEqual([]);
    });
  });

  test('at most the share of the fleet is under way, one at least, silent nodes aside', () => {
    always((step, { story: { rollout } }) => {
      const total = step.after.flatMap(nodesOf).length;
      expect(busy(step).length).toBeLessThanOrEqual(Math.max(1, Math.floor(rollout.atOnce * total)));
    });
  });

  test('nobody is told to change once too many have failed', () => {
    always((step, { story: { rollout } }) => {
      const all = step.before.flatMap(nodesOf);
      const [failed, changed] = [all.filter(hasFailed).length, all.filter(hasChanged).length];
      const isShareAbove = failed > rollout.failures * (failed + changed) && (failed > 1 || all.some(hasGivenUp));
      if (!isShareAbove) return;
      expect([...step.told]).toEqual([]);
    });
  });

  test('no node that gave up is told to change, and none is ordered a seventh time', () => {
    always((step) => {
      const gaveUp = step.before.flatMap(nodesOf).filter(hasGivenUp);
      expect(gaveUp.filter(({ id }) => step.told.has(id))).toEqual([]);
      expect(gaveUp.filter(({ work }) => work?.attempt !== 6)).toEqual([]);
    });
  });
});

test('every rollout comes to its end: all have changed, it was stopped, or a cluster’s own try gave up', () => {
  fc.assert(
    fc.property(anyStory, (story) => {
      const last = [...play(story, LONG_ENOUGH)].at(-1);
      if (last === undefined || last.rollout.stage === 'stopped') return;
      const open = last.after.map(nodesOf).filter((nodes) => nodes.some(hasChanged) || !nodes.some(hasGivenUp));
      expect(open.flat().filter((node) => !isDone(node) && !hasGivenUp(node))).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
