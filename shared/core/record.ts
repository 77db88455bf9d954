import * as z from 'zod/mini';
import { UnreadableError } from './errors.ts';
import type { CommandId, InstanceId, OrderId } from './model.ts';

export const RECORD_SCHEMA = 1;

const clusterId = z.templateLiteral(['j-', z.string().check(z.regex(/^[A-Z0-9]+$/))]);
const instanceId = z.custom<InstanceId>((id) => typeof id === 'string' && /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
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
});

/** Work on one exporter of one node that is not finished; `attempt` counts runs that failed, from 0. */
const work = z.strictObject({
  action: z.enum(['install', 'remove']),
  phase: z.enum(['waiting', 'ordered', 'installing', 'failed', 'gaveUp', 'conflict', 'unsupported', 'pendingRestart', 'removing']),
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

const exporterState = z.strictObject({ installed: z.optional(installed), work: z.optional(work) });

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
  tagsHash: z.string(),
  clusterId,
  name: z.string(),
  selected: z.boolean(),
  releaseLabel: z.string(),
  state: z.enum(['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING', 'TERMINATED', 'TERMINATED_WITH_ERRORS']),
  /** The cluster's own target labels (DESIGN: labels on every target). */
  labels,
  /** Group or fleet id → role: immutable, so asked once. */
  roles: z.record(z.string(), role),
  /** Start of the observation this version was made from. */
  observedAt: instant,
  nodes: z.record(z.templateLiteral(['i-', z.string()]), node),
});

export type ClusterRecord = z.output<typeof record>;
export type NodeRecord = z.output<typeof node>;
export type ExporterState = z.output<typeof exporterState>;
export type Installed = z.output<typeof installed>;
export type Work = z.output<typeof work>;
