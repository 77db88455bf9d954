import { ConfigError } from '../../shared/core/errors.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import type { ClusterRecord } from '../../shared/core/record.ts';
import { inOneLine, type Left, remainsOf } from './left-on-nodes.ts';
import { oneLine } from '../printable.ts';
import type { Say } from '../step.ts';

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
/** When nothing moves for so long, waiting on is in vain: agents that restart are back, and sweeps have found their turn. */
const HOPELESS_MS = 5 * 60_000;
const IDLE =
  'Where no removal was ordered, the exporter is in no lock any more: only an earlier version can take it off.';

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
    const at = now().getTime();
    const line = inOneLine(remains);
    const isMoving = line !== said || left.some(({ kind }) => kind === 'underWay');
    if (line !== said) say(`  ${(said = line)}`);
    if (isMoving) movedAt = at;
    const unknown = [...unreadable, ...unseen];
    if (at - movedAt >= HOPELESS_MS) throw stopped(left, unknown, 'nothing moves any more', advice);
    if (at - began >= minutes * 60_000)
      throw stopped(left, unknown, `they are not off after ${minutes} minutes`, advice);
    await pause(POLL_MS);
  }
}

function stopped(left: readonly Left[], unknown: readonly ClusterId[], why: string, advice: string): ConfigError {
  const nodes = left.map(
    ({ clusterId, node, exporter, why: of }) => `  ${clusterId} ${node} ${exporter}: ${oneLine(of)}`,
  );
  const clusters = unknown.map((id) => `  ${id}: its record says nothing that can be relied on`);
  const idle = left.some(({ kind }) => kind === 'idle') ? [IDLE] : [];
  return new ConfigError([`exporters stay on the nodes, ${why}:`, ...nodes, ...clusters, ...idle, advice].join('\n'));
}
