/** One sample of events/manifest.json, and the signal that it has to be parsed to. */
export interface Sample {
  readonly file: string;
  readonly detailType: string;
  readonly signal: Signal;
}

type Signal = Readonly<Record<string, string>> & { readonly kind: string };
type Fields = Readonly<Record<string, unknown>>;

/** What is done to an event, as a JSON merge patch (RFC 7386: null takes a field away), and what it then says. */
type Break = readonly [title: string, patch: Fields, signal?: Signal];

const malformed = (reason: string): Signal => ({ kind: 'malformed', reason });
const ignored = (reason: string): Signal => ({ kind: 'ignored', reason });

/** Harmless to every event: without a signal of its own, a row expects that of the sample. */
const ANY: readonly Break[] = [
  ['with fields that nobody knows', { novelty: { deep: [1] }, detail: { novelty: { deep: [1] } } }],
  ['without account, time and region', { account: null, time: null, region: null, id: null, version: null }],
  ['without its source', { source: null }, ignored('source undefined')],
];

const OF_A_CLUSTER: readonly Break[] = [
  ['without cluster id', { detail: { clusterId: null } }, malformed('detail.clusterId is missing')],
  ['whose cluster id is a number', { detail: { clusterId: 7 } }, malformed('detail.clusterId is 7')],
  ['whose cluster id is a list', { detail: { clusterId: ['j-1'] } }, malformed('detail.clusterId is ["j-1"]')],
  ['with the id of a step', { detail: { clusterId: 's-1ABC' } }, malformed('detail.clusterId is "s-1ABC"')],
  ['with a path for an id', { detail: { clusterId: 'j-../x' } }, malformed('detail.clusterId is "j-../x"')],
  ['without detail', { detail: null }, malformed('detail.clusterId is missing')],
  ['whose detail is text', { detail: 'clusterId' }, malformed('detail.clusterId is missing')],
  ['whose state and message are no text', { detail: { state: 7, message: [], severity: {} } }],
  ['without state and message', { detail: { state: null, message: null, severity: null } }],
  ['of a detail type that is still to come', { 'detail-type': 'EMR Something New' }],
  ['without detail type', { 'detail-type': null }],
];

const OF_NO_NODE: readonly Break[] = [
  ['without cluster id', { detail: { clusterId: null } }],
  ['without detail', { detail: null }],
];

const OF_A_STATE: readonly Break[] = [
  ['without state', { detail: { state: null } }, malformed('detail.state is missing')],
  ['whose state is a number', { detail: { state: 48 } }, malformed('detail.state is 48')],
  ['without detail', { detail: null }, malformed('detail.state is missing')],
  ['in a state that is still to come', { detail: { state: 'frozen' } }, ignored('instance state frozen')],
];

const OF_AN_INSTANCE: readonly Break[] = [
  ['without instance id', { detail: { 'instance-id': null } }, malformed('detail.instance-id is missing')],
  ['whose instance id is a list', { detail: { 'instance-id': ['i-1'] } }, malformed('detail.instance-id is ["i-1"]')],
  ['with a foreign id', { detail: { 'instance-id': 'mi-0a' } }, malformed('detail.instance-id is "mi-0a"')],
];

const OF_A_WARNING: readonly Break[] = [
  ['whose action is no text', { detail: { 'instance-action': 7 } }],
  ['without detail', { detail: null }, malformed('detail.instance-id is missing')],
];

const OF_A_RESULT: readonly Break[] = [
  ['without command id', { detail: { 'command-id': null } }, malformed('detail.command-id is missing')],
  ['whose command id is a number', { detail: { 'command-id': 1 } }, malformed('detail.command-id is 1')],
  ['with an end that is still to come', { detail: { status: 'Evaporated' } }],
];

const OF_AN_INVOCATION: readonly Break[] = [
  ['without status', { detail: { status: null } }, malformed('detail.status is missing')],
  ['without detail', { detail: null }, malformed('detail.status is missing')],
];

/** Each sample takes the rows of every family that it is of. */
const FAMILIES: readonly (readonly [isOf: (sample: Sample) => boolean, breaks: readonly Break[]])[] = [
  [() => true, ANY],
  [({ detailType, signal }) => detailType.startsWith('EMR ') && signal.kind === 'reconcile', OF_A_CLUSTER],
  [({ detailType, signal }) => detailType.startsWith('EMR ') && signal.kind === 'ignored', OF_NO_NODE],
  [({ detailType }) => detailType === 'EC2 Instance State-change Notification', OF_A_STATE],
  [({ detailType, signal }) => !detailType.startsWith('EMR ') && signal.kind === 'reconcile', OF_AN_INSTANCE],
  [({ detailType }) => detailType === 'EC2 Spot Instance Interruption Warning', OF_A_WARNING],
  [({ detailType }) => detailType === INVOCATION, OF_AN_INVOCATION],
  [({ detailType, signal }) => detailType === INVOCATION && signal.kind === 'reconcile', OF_A_RESULT],
];
const INVOCATION = 'EC2 Command Invocation Status-change Notification';

export const brokenVariants = (sample: Sample) =>
  FAMILIES.flatMap(([isOf, breaks]) => (isOf(sample) ? breaks : [])).map(([title, patch, signal = sample.signal]) => ({
    file: sample.file,
    title,
    patch,
    signal,
  }));

export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return patch;
  const merged = new Map(Object.entries(isFields(target) ? target : {}));
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), change));
  }
  return Object.fromEntries(merged);
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
