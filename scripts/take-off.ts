import { ConfigError } from '../shared/core/errors.ts';
import type { ClusterId } from '../shared/core/model.ts';
import type { ClusterRecord } from '../shared/core/record.ts';
import { inOneLine, type Left, remainsOf } from './left-on-nodes.ts';
import type { Say } from './step.ts';

interface Wait {
  readonly records: () => Promise<ReadonlyMap<ClusterId, ClusterRecord | Error>>;
  readonly now: () => Date;
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly say: Say;
  readonly minutes: number;
  /** What is written after the problem: how to go on. */
  readonly advice: string;
}

const POLL_MS = 10_000;
/** When nothing goes by itself any more, for so long, waiting on is in vain: an agent that restarts is back by then. */
const HOPELESS_MS = 3 * 60_000;

/** Waits until the records say that nothing of ours is on any node; throws, with every node, when that does not come. */
export async function waitUntilOff({ records, now, pause, say, minutes, advice }: Wait): Promise<void> {
  const began = now().getTime();
  let said = '';
  let movedAt = began;
  for (;;) {
    const remains = remainsOf(await records());
    const { left, unseen, unreadable } = remains;
    if (left.length + unseen.length + unreadable.length === 0) return;
    const held = left.filter(({ kind }) => kind === 'held');
    if (held.length > 0)
      throw stopped(held, [], 'a policy keeps them: change monitoring.yml and deploy that first', advice);
    const line = inOneLine(remains);
    if (line !== said) say(`  ${(said = line)}`);
    const at = now().getTime();
    if (unseen.length > 0 || left.some(({ kind }) => kind === 'underWay')) movedAt = at;
    if (at - movedAt >= HOPELESS_MS) throw stopped(left, unreadable, 'nothing of it goes by itself any more', advice);
    if (at - began >= minutes * 60_000) {
      throw stopped(left, [...unreadable, ...unseen], `they are not off after ${minutes} minutes`, advice);
    }
    await pause(POLL_MS);
  }
}

function stopped(left: readonly Left[], unknown: readonly ClusterId[], why: string, advice: string): ConfigError {
  const nodes = left.map(({ clusterId, node, exporter, why: of }) => `  ${clusterId} ${node} ${exporter}: ${of}`);
  const clusters = unknown.map((id) => `  ${id}: its record says nothing that can be relied on`);
  return new ConfigError([`exporters stay on the nodes, ${why}:`, ...nodes, ...clusters, advice].join('\n'));
}
