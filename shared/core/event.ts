import { isUnfinished } from './invocation-status.ts';
import type { ClusterId, CommandId, InstanceId } from './model.ts';

/**
 * What a doorbell contributes: where to look, never what to believe (docs/adr/0001). `at` is a cluster, or an instance
 * whose cluster EC2 has to name; the hints say that a command may have results, or that a node will be taken back.
 */
export type Signal =
  | {
      readonly kind: 'reconcile';
      readonly at: ClusterId | InstanceId;
      readonly commandId?: CommandId;
      readonly leaving?: InstanceId;
      readonly reconfigured?: Reconfigured;
    }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'malformed'; readonly reason: string };

/**
 * A group or fleet whose nodes' files EMR rewrites (`under way`), or one that has come to rest, whatever it did before:
 * AWS asks not to read the message (emr-manage-cloudwatch-events).
 */
export interface Reconfigured {
  readonly collectionId: string;
  readonly state: 'under way' | 'at rest';
  /** ISO instant of the event. */
  readonly at: string;
}

/** EMR detail types that change no cluster's nodes; the rule leaves them out, and so does a hand-made test event. */
const IRRELEVANT = new Set([
  'EMR Step Status Change',
  'EMR Auto Scaling Policy State Change',
  'EMR Configuration Error',
]);
/** EC2 instance states that take a node away. */
const ENDING = new Set(['shutting-down', 'terminated']);

export const isClusterId = (id: unknown): id is ClusterId => typeof id === 'string' && /^j-[A-Z0-9]{1,64}$/.test(id);
/** EC2: 8 or 17 hexadecimal digits. */
export const isInstanceId = (id: unknown): id is InstanceId =>
  typeof id === 'string' && /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id);
const isCommandId = (id: unknown): id is CommandId =>
  typeof id === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);

/** An EventBridge event, or our own doorbell `{ "clusterId": "j-…" }` (backfill, put-off events). */
export function toSignal(event: unknown): Signal {
  const { source, 'detail-type': type, detail, time, clusterId } = asRecord(event);
  if (source === undefined && clusterId !== undefined) return ofCluster(clusterId, 'clusterId');
  switch (source) {
    case 'aws.emr':
      return ofEmr(type, asRecord(detail), time);
    case 'aws.ec2':
      return ofEc2(type, asRecord(detail));
    case 'aws.ssm':
      return ofSsm(type, asRecord(detail));
    default:
      return { kind: 'ignored', reason: `source ${JSON.stringify(source)}` };
  }
}

function ofEmr(type: unknown, detail: Fields, time: unknown): Signal {
  if (typeof type === 'string' && IRRELEVANT.has(type)) return { kind: 'ignored', reason: `detail-type ${type}` };
  const signal = ofCluster(detail['clusterId'], 'detail.clusterId');
  const reconfigured = toReconfigured(detail, time);
  return signal.kind === 'reconcile' && reconfigured !== undefined ? { ...signal, reconfigured } : signal;
}

/** A group is RUNNING when it has come to rest, a fleet WAITING. */
const STATES: Readonly<Record<string, Reconfigured['state']>> = {
  RECONFIGURING: 'under way',
  RUNNING: 'at rest',
  WAITING: 'at rest',
};

function toReconfigured({ instanceGroupId, instanceFleetId, state }: Fields, time: unknown): Reconfigured | undefined {
  const collectionId = instanceGroupId ?? instanceFleetId;
  const now = typeof state === 'string' ? STATES[state] : undefined;
  if (typeof collectionId !== 'string' || now === undefined) return undefined;
  if (typeof time !== 'string' || Number.isNaN(Date.parse(time))) return undefined;
  return { collectionId, state: now, at: time };
}

function ofEc2(type: unknown, { 'instance-id': id, state }: Fields): Signal {
  switch (type) {
    case 'EC2 Spot Instance Interruption Warning':
      return isInstanceId(id) ? { kind: 'reconcile', at: id, leaving: id } : malformed('detail.instance-id', id);
    case 'EC2 Instance State-change Notification':
      if (typeof state !== 'string') return malformed('detail.state', state);
      if (!ENDING.has(state)) return { kind: 'ignored', reason: `instance state ${state}` };
      return isInstanceId(id) ? { kind: 'reconcile', at: id } : malformed('detail.instance-id', id);
    default:
      return { kind: 'ignored', reason: `detail-type ${JSON.stringify(type)}` };
  }
}

function ofSsm(type: unknown, { 'instance-id': id, 'command-id': commandId, status }: Fields): Signal {
  if (type !== 'EC2 Command Invocation Status-change Notification') {
    return { kind: 'ignored', reason: `detail-type ${JSON.stringify(type)}` };
  }
  if (typeof status !== 'string') return malformed('detail.status', status);
  if (isUnfinished(status)) return { kind: 'ignored', reason: `invocation ${status}` };
  if (!isInstanceId(id)) return malformed('detail.instance-id', id);
  if (!isCommandId(commandId)) return malformed('detail.command-id', commandId);
  return { kind: 'reconcile', at: id, commandId };
}

const ofCluster = (id: unknown, field: string): Signal =>
  isClusterId(id) ? { kind: 'reconcile', at: id } : malformed(field, id);

const malformed = (field: string, value: unknown): Signal => ({
  kind: 'malformed',
  reason: `${field} is ${JSON.stringify(value)?.slice(0, 80) ?? 'missing'}`,
});

type Fields = Readonly<Record<string, unknown>>;
const asRecord = (value: unknown): Fields => (typeof value === 'object' && value !== null ? { ...value } : {});
