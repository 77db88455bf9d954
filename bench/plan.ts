/** What one plan costs for a cluster of 1,000 nodes, and how that grows. */
import type { Knowledge } from '../shared/core/action.ts';
import { type InstanceId, MAX_NODES_PER_ORDER } from '../shared/core/model.ts';
import { applyDecisions, claim } from '../shared/core/commit.ts';
import { type Observation, remember } from '../shared/core/observe.ts';
import { plan } from '../shared/core/plan.ts';
import { parseRecord, renderRecord } from '../shared/core/record.ts';
import type { ClusterRecord, ExporterState, Installed, NodeRecord, Work } from '../shared/core/record.ts';
import {
  aNode,
  aRecord,
  ago,
  MINUTE,
  nodeExporter,
  NOW,
  settings as sample,
  someWork,
} from '../test/core/sample-record.ts';
import { type Figure, median, report } from './figure.ts';

const RUNS = 31;
/** What the system counts of CPU comes in steps of milliseconds. */
const BATCH = 20;
const NODES = 1000;
const MAX_MS = 50;
const MAX_GROWTH = 2.3;
/** V8 makes a hash table of an object with over 1,020 keys; 4 would be quadratic. */
const MAX_PASS_GROWTH = 3.5;
/** A machine that is too busy for so many runs has fewer. */
const MAX_RUN_MS = 10_000;

const settings = {
  ...sample,
  exporters: ['node', 'jmx', 'graphite'].map((name) => ({ ...nodeExporter, name })),
};
const { version, revision } = nodeExporter;
const installed: Installed = { version, revision, endpoints: [{ port: 9100, labels: {} }], at: ago(30 * MINUTE) };
/** As it was claimed, 50 nodes to an order. */
const order = (n: number, changes: Partial<Work> = {}): Work =>
  someWork({ phase: 'installing', orderId: `order-${Math.floor(n / 50)}`, commandId: commandId(n), ...changes });
const commandId = (n: number) => `00000000-0000-4000-8000-${String(Math.floor(n / 50)).padStart(12, '0')}` as const;

const missing = (): ExporterState => ({});

/** What all nodes of a cluster have in common; `mixed` has each of them in turn. */
const STATES: Readonly<Record<string, (n: number) => ExporterState>> = {
  installed: () => ({ installed }),
  missing,
  'in flight': (n) => ({ work: order(n) }),
  'results due': (n) => ({ work: order(n, { at: ago(MINUTE) }) }),
  failed: () => ({ work: someWork({ phase: 'failed', attempt: 2, at: ago(3 * MINUTE), reason: 'exit 1' }) }),
};
const each = Object.values(STATES);
const ALL: typeof STATES = {
  ...STATES,
  mixed: (n) => each[n % each.length]?.(n) ?? {},
  'agents offline': missing,
};

const idOf = (n: number): InstanceId => `i-${((n * 7919) % 100_000).toString(16).padStart(17, '0')}`;

interface Case {
  readonly size: number;
  readonly record: ClusterRecord;
  readonly seen: Observation;
  readonly known: Knowledge;
}

function cluster(size: number, stateOf: (n: number) => ExporterState, isOnline: boolean): Case {
  const nodes = Object.fromEntries(
    Array.from({ length: size }, (_, n): [InstanceId, NodeRecord] => [
      idOf(n),
      aNode({ exporters: Object.fromEntries(settings.exporters.map(({ name }) => [name, stateOf(n)])) }),
    ]),
  );
  const ids = Object.keys(nodes) as InstanceId[];
  const none = { rung: new Set<never>(), asked: new Set<never>(), absent: new Map(), missing: new Set<never>() };
  return {
    size,
    record: parseRecord(renderRecord(aRecord({ nodes })), 'a record'), // as it comes from S3
    seen: {
      at: NOW,
      cluster: undefined,
      nodes: undefined,
      roles: new Map(),
      instances: new Map(ids.map((id) => [id, { id, state: 'running' }])),
      leaving: new Set(),
      putOff: 0,
      reconfigured: [],
    },
    known: {
      now: NOW,
      ...none,
      online: new Map(ids.map((id) => [id, isOnline])),
      stopped: new Set(),
      upgrades: new Map(),
    },
  };
}

const versions = new Map(settings.exporters.map((exporter) => [exporter.name, exporter]));

/** Milliseconds of this thread's CPU for one of `times`: whatever else the machine does is not in it. */
function timed(times: number, work: () => unknown): number {
  const before = process.threadCpuUsage();
  for (let time = 0; time < times; time += 1) work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000 / times;
}

/** What is timed: the plan alone, and the whole way from one record to the next. */
const WORK: Readonly<Record<string, (one: Case) => unknown>> = {
  plan: ({ record, known }) => plan(record, settings, known),
  pass({ record, seen, known }) {
    const remembered = remember(record, seen, settings);
    const actions = plan(remembered, settings, known);
    const orders = actions.filter((action) => action.kind === 'order').slice(0, MAX_NODES_PER_ORDER);
    return claim(applyDecisions(remembered, { allowed: actions, refused: [] }, versions, NOW), orders, 'order-1');
  },
};

interface Times {
  readonly state: string;
  /** Milliseconds for one size and for twice that. */
  readonly one: number;
  readonly two: number;
}

/** Both sizes in turn, so that whatever else the machine does meets both. */
function measure(work: (one: Case) => unknown, state: string): Times {
  const [stateOf, isOnline] = [ALL[state] ?? missing, state !== 'agents offline'];
  const [small, large] = [cluster(NODES, stateOf, isOnline), cluster(2 * NODES, stateOf, isOnline)];
  const one: number[] = [];
  const two: number[] = [];
  const begun = performance.now();
  timed(BATCH, () => [work(small), work(large)]); // the compiler's share
  do {
    one.push(timed(BATCH, () => work(small)));
    two.push(timed(BATCH / 2, () => work(large)));
  } while (one.length < RUNS && performance.now() - begun < MAX_RUN_MS);
  return { state, one: median(one), two: median(two) };
}

function figuresOf(name: string, what: string, maxGrowth: number): readonly Figure[] {
  const all = Object.keys(ALL)
    .map((state) => measure(WORK[name] ?? (() => undefined), state))
    .toSorted((a, b) => b.one - a.one);
  const [slowest = { state: '', one: 0, two: 0 }] = all;
  const inEach = (cell: (times: Times) => string): string =>
    all.map((times) => `${times.state} ${cell(times)}`).join(', ');
  const growth = slowest.two / slowest.one;
  return [
    {
      figure: `${what}, ${NODES} nodes with three exporters, slowest state`,
      bar: `≤ ${MAX_MS} ms`,
      measured: `${slowest.one.toFixed(1)} ms of CPU (medians of ${RUNS} of ${BATCH} each; ${inEach(({ one }) => `${one.toFixed(1)} ms`)})`,
      met: slowest.one <= MAX_MS,
    },
    {
      figure: `… ${2 * NODES} nodes, over that`,
      bar: `≤ ${maxGrowth} ×`,
      measured: `${growth.toFixed(2)} × (${inEach(({ one, two }) => (two / one).toFixed(2))})`,
      met: growth <= maxGrowth,
    },
  ];
}

report([
  ...figuresOf('plan', 'a plan', MAX_GROWTH),
  ...figuresOf('pass', 'remembered, planned, noted, 50 claimed', MAX_PASS_GROWTH),
]);
