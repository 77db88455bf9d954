import * as z from 'zod/mini';
import { canonicalJson, isSameJson } from './canonical.ts';
import { UnreadableError } from './errors.ts';
import { isClusterId, isInstanceId } from './event.ts';
import { IN_WORDS } from './in-words.ts';
import type { ClusterId, CommandId, InstanceId, OrderId } from './model.ts';

export const RECORD_SCHEMA = 2;

const clusterId = z.custom<ClusterId>(isClusterId);
const orderId = z.custom<OrderId>((id) => typeof id === 'string' && id.startsWith('order-'));
const commandId = z.custom<CommandId>((id) => typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id));
const instant = z.iso.datetime();
const labels = z.record(z.string(), z.string());
const count = z.int().check(z.nonnegative());
const role = z.enum(['MASTER', 'CORE', 'TASK']);

const endpoint = z.strictObject({ port: z.int().check(z.gte(1), z.lte(65_535)), labels });

const installed = z.strictObject({
  version: z.string(),
  revision: z.string(),
  endpoints: z.array(endpoint),
  at: instant,
  /** Somebody else's exporter that `adopt` made the endpoint: never removed by us. */
  adopted: z.optional(z.boolean()),
  /** The revision that it replaced: an upgrade, not a first install. */
  from: z.optional(z.string()),
  /** What the node said beside: a daemon that was left out, and why. */
  reason: z.optional(z.string()),
  /** Seconds from `at` on after which the node asked to be looked at again (docs/adr/0015). */
  again: z.optional(z.int().check(z.positive())),
  /** EMR has rewritten the node's files, or does: it is looked at again by then, whatever it asked for. */
  askBy: z.optional(instant),
});

export const workPhase = z.enum([
  'waiting',
  'ordered',
  'installing',
  'failed',
  'gaveUp',
  'conflict',
  'unsupported',
  'pendingRestart',
  'removing',
]);
export const clusterState = z.enum([
  'STARTING',
  'BOOTSTRAPPING',
  'RUNNING',
  'WAITING',
  'TERMINATING',
  'TERMINATED',
  'TERMINATED_WITH_ERRORS',
]);

/** Work on one exporter of one node that is not finished; `attempt` counts runs that failed, from 0. */
const work = z.strictObject({
  action: z.enum(['install', 'remove']),
  phase: workPhase,
  orderId: z.optional(orderId),
  commandId: z.optional(commandId),
  version: z.string(),
  revision: z.string(),
  attempt: count,
  /** Runs in a row that said "try again later" (exit 75) or never reached the node: they delay, and cost no attempt. */
  deferrals: count,
  at: instant,
  reason: z.optional(z.string()),
});

/** Why a policy keeps from happening what was decided; said once, and shown to people. */
const held = z.optional(z.string());

const exporterState = z.strictObject({ installed: z.optional(installed), work: z.optional(work), held });

const node = z.strictObject({
  state: z.enum(['AWAITING_FULFILLMENT', 'PROVISIONING', 'BOOTSTRAPPING', 'RUNNING', 'TERMINATED']),
  firstSeen: instant,
  address: z.optional(z.string()),
  dnsName: z.optional(z.string()),
  role,
  instanceType: z.string(),
  market: z.enum(['ON_DEMAND', 'SPOT']),
  zone: z.optional(z.string()),
  arch: z.optional(z.enum(['amd64', 'arm64'])),
  /** A spot interruption warning was seen: still scraped until it is gone. */
  leaving: z.optional(z.boolean()),
  held,
  exporters: z.record(z.string(), exporterState),
});

const record = z.strictObject({
  schema: z.literal(RECORD_SCHEMA),
  /** Who wrote this version: tells our own retried PUT from a lost race. */
  writer: z.string(),
  /** Grows by one with every save. */
  sequence: count,
  /** ETag of the target file last written from this record. */
  targetEtag: z.optional(z.string()),
  configHash: z.string(),
  /** The cluster's tags as EMR told them last; absent in what was written before they were kept. */
  tags: z.optional(labels),
  clusterId,
  name: z.string(),
  selected: z.boolean(),
  releaseLabel: z.string(),
  state: clusterState,
  /** The target labels that all its nodes share. */
  labels,
  /** Group or fleet id → role: immutable, so asked once. */
  roles: z.record(z.string(), role),
  /** Start of the observation this version was made from. */
  observedAt: instant,
  held,
  nodes: z.record(z.custom<InstanceId>(isInstanceId), node),
});

export type ClusterRecord = z.output<typeof record>;
export type NodeRecord = z.output<typeof node>;
export type ExporterState = z.output<typeof exporterState>;
export type Installed = z.output<typeof installed>;
export type Work = z.output<typeof work>;

/** What turns a record of an older schema into one of the next. */
const MIGRATIONS: Readonly<Record<number, (old: Fields) => Fields>> = {
  // 1 kept a hash of the tags only: without them the sweep looks at the cluster again.
  1: ({ tagsHash: _, ...old }) => ({ ...old, schema: 2 }),
};

/** Throws UnreadableError that names `key` and every field that does not hold. */
export function parseRecord(text: string, key: string): ClusterRecord {
  const parsed = record.safeParse(migrate(parseJson(text, key), key), IN_WORDS);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'record'}: ${message}`);
  throw new UnreadableError(`${key}: ${problems.join('; ')}`);
}

export const renderRecord = (value: ClusterRecord): string => `${canonicalJson(value)}\n`;

/** Do two versions say the same? Who wrote them, when and in which order is not part of what they say. */
export const isSameRecord = (a: ClusterRecord, b: ClusterRecord): boolean =>
  isSameJson({ ...a, ...UNSAID }, { ...b, ...UNSAID });

type Fields = Readonly<Record<string, unknown>>;

function migrate(json: unknown, key: string): unknown {
  if (typeof json !== 'object' || json === null || !('schema' in json) || typeof json.schema !== 'number') return json;
  const { schema } = json;
  if (schema > RECORD_SCHEMA) {
    throw new UnreadableError(
      `${key}: schema ${schema} is newer than this version reads (${RECORD_SCHEMA}); deploy the newer version again`,
    );
  }
  const next = MIGRATIONS[schema];
  return next === undefined ? json : migrate(next({ ...json }), key);
}

const UNSAID = { writer: '', sequence: 0, observedAt: '' };

function parseJson(text: string, key: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreadableError(`${key}: not JSON`, { cause });
  }
}
