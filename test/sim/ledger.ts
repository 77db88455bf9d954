import type { Command } from '../../sandbox/account/ssm-model.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import type { ClusterRecord } from '../../shared/core/record.ts';
import { renderTargets, targetGroups, type TargetGroup } from '../../shared/core/targets.ts';
import type { EmrOperation, Log } from '../../shared/ports.ts';
import { errorsAreKnown } from './invariants/errors-are-known.ts';
import { halfOfQuota } from './invariants/half-of-quota.ts';
import { leavesOnEvidence } from './invariants/leaves-on-evidence.ts';
import { noWayBack, targetsFollowRecords } from './invariants/no-way-back.ts';
import { targetsAreNodes } from './invariants/targets-are-nodes.ts';
import { type Orders, createOrders } from './orders.ts';
import { expectedOf, mayLeave } from './target-truth.ts';
import type { Trace } from './trace.ts';
import { truthOf, type Truth } from './truth.ts';
import type { Violation } from './violation.ts';
import type { World } from './world.ts';

/** What our functions did to the world, checked as they do it. */
export interface Ledger {
  readonly truth: Truth;
  readonly orders: Orders;
  readonly records: ReadonlyMap<ClusterId, SavedRecord>;
  readonly targets: ReadonlyMap<ClusterId, SavedTargets>;
  readonly put: (key: string, body: string, metadata: Readonly<Record<string, string>>) => void;
  readonly removed: (key: string) => void;
  readonly sent: (command: Command) => void;
  /** EMR described this cluster to a container. */
  readonly told: (id: ClusterId) => void;
  readonly emrCall: (container: string, operation: EmrOperation) => void;
  readonly failed: (error: unknown) => void;
  readonly log: (container: string) => Log;
  trace: Trace['add'];
  readonly report: (invariant: string, problem: string | undefined) => void;
  readonly violation: () => Violation | undefined;
  /** Writes to S3 and commands sent, ever. */
  readonly effects: () => number;
  readonly emrCalls: () => number;
}

interface SavedRecord {
  readonly value: ClusterRecord;
  readonly groups: readonly TargetGroup[];
  readonly at: number;
}
interface SavedTargets {
  readonly sequence: number;
  readonly groups: readonly TargetGroup[];
}

const CLUSTER_KEY = /^(clusters|targets|ended)\/(j-[A-Z0-9]+)\.json$/;

export function createLedger(world: Omit<World, 'ledger'>, trace: Trace): Ledger {
  const { account, hosts, deployments, elapsed } = world;
  const truth = truthOf(account, deployments, hosts);
  const records = new Map<ClusterId, SavedRecord>();
  const versions = new Map<ClusterId, Map<number, ClusterRecord>>();
  const targets = new Map<ClusterId, SavedTargets>();
  const ended = new Set<ClusterId>();
  const calls = new Map<EmrOperation, number[]>();
  let violation: Violation | undefined;
  let effects = 0;
  let emrCalls = 0;

  const report: Ledger['report'] = (invariant, problem) => {
    if (problem === undefined || violation !== undefined) return;
    violation = { invariant, problem, at: elapsed() };
    trace.add(() => `VIOLATION ${invariant}: ${problem}`);
  };
  const orders = createOrders(world, truth, report);

  function putRecord(id: ClusterId, body: string): void {
    const value = JSON.parse(body) as ClusterRecord;
    const before = records.get(id)?.value;
    report('no record goes back in time', noWayBack(before, value, ended.has(id)));
    // The target file follows the record, at times much later: whether an endpoint may leave is decided here.
    const groups = targetGroups(value);
    report('targets leave on evidence', leavesOnEvidence(records.get(id)?.groups ?? [], groups, mayLeave(id, truth)));
    orders.claimed(before, value, records);
    records.set(id, { value, groups, at: elapsed() });
    const known = versions.get(id) ?? new Map<number, ClusterRecord>();
    versions.set(id, known.set(value.sequence, value));
    trace.add(() => `${value.writer} saves ${id} version ${value.sequence}: ${summary(before, value)}`);
  }

  function putTargets(id: ClusterId, body: string, sequence: number): void {
    const before = targets.get(id);
    const groups = parseTargets(body);
    const renderedFrom = (wanted: number): string | undefined => {
      const record = versions.get(id)?.get(wanted);
      return record && renderTargets(targetGroups(record));
    };
    report(
      'no target file goes back in time',
      targetsFollowRecords(id, before?.sequence, { sequence, body }, renderedFrom),
    );
    report('targets are nodes', targetsAreNodes(groups, expectedOf(id, truth)));
    targets.set(id, { sequence, groups });
    trace.add(() => `targets of ${id} are version ${sequence}: ${groups.length}`);
  }

  return {
    truth,
    orders,
    records,
    targets,
    put(key, body, metadata) {
      const [, kind, id] = CLUSTER_KEY.exec(key) ?? [];
      if (id === undefined) return;
      effects += 1;
      if (kind === 'clusters') putRecord(id as ClusterId, body);
      if (kind === 'targets') putTargets(id as ClusterId, body, Number(metadata['sequence']));
      if (kind === 'ended') ended.add(id as ClusterId);
      if (kind === 'ended') trace.add(() => `${id} is put under ended/`);
    },
    removed(key) {
      const [, kind, name] = CLUSTER_KEY.exec(key) ?? [];
      if (name === undefined) return;
      const id = name as ClusterId;
      effects += 1;
      trace.add(() => `${kind}/${id} is deleted`);
      if (kind === 'clusters') {
        orders.deleted(records.get(id)?.value);
        records.delete(id);
      }
      if (kind !== 'targets') return;
      report('targets leave on evidence', leavesOnEvidence(targets.get(id)?.groups ?? [], [], mayLeave(id, truth)));
      targets.delete(id);
    },
    sent(command) {
      effects += 1;
      trace.add(() => `${command.comment} is sent: ${command.document} to ${command.nodes.join(' ')}`);
      orders.sent(command);
    },
    told: truth.told,
    emrCall(container, operation) {
      emrCalls += 1;
      const times = calls.get(operation) ?? [];
      calls.set(operation, times);
      times.push(elapsed());
      if (times.length > 100) times.splice(0, 50);
      trace.add(() => `${container} calls ${operation}`);
      report('half of the quota', halfOfQuota(operation, times));
    },
    failed: (error) => report('errors are known', errorsAreKnown(error)),
    log: (container) => {
      const write = (level: string) => (message: string, fields: Readonly<Record<string, unknown>>) => {
        report('errors are known', errorsAreKnown(fields['error']));
        trace.add(() => `${container} ${level} ${message} ${JSON.stringify(fields)}`);
      };
      return { info: write('info'), warn: write('warn'), error: write('error') };
    },
    trace: trace.add,
    report,
    violation: () => violation,
    effects: () => effects,
    emrCalls: () => emrCalls,
  };
}

/** What of a record's nodes changed. */
function summary(before: ClusterRecord | undefined, after: ClusterRecord): string {
  const nodes = new Set([...Object.keys(before?.nodes ?? {}), ...Object.keys(after.nodes)]) as Set<`i-${string}`>;
  const say = (record: ClusterRecord | undefined, id: `i-${string}`): string => {
    const node = record?.nodes[id];
    if (node === undefined) return '–';
    const exporters = Object.entries(node.exporters).map(
      ([name, { installed, work }]) =>
        `${name}(${installed?.revision ?? '–'} ${work ? `${work.action} ${work.phase} ${work.orderId ?? ''} ${work.attempt}/${work.deferrals} ${work.reason ?? ''}` : ''})`,
    );
    return `${node.state} ${exporters.join(' ')}`;
  };
  const changes = [...nodes].flatMap((id) => {
    const [was, is] = [say(before, id), say(after, id)];
    return was === is ? [] : [`${id} ${is}`];
  });
  return [
    `${after.state}${after.selected ? '' : ' not selected'} seen ${after.observedAt.slice(14, 19)}`,
    ...changes,
  ].join('; ');
}
