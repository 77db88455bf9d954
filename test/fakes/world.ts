import { readFileSync } from 'node:fs';
import { virtualClock, type VirtualClock } from '../../sandbox/account/clock.ts';
import { compute, type Compute, type Timings } from '../../sandbox/account/compute.ts';
import type { LaunchSpec } from '../../sandbox/account/emr-model.ts';
import type { BusEvent } from '../../sandbox/account/events.ts';
import { createFaults, type Faults } from '../../sandbox/account/faults.ts';
import { computePorts } from '../../sandbox/account/ports.ts';
import { createS3, type S3 } from '../../sandbox/account/s3.ts';
import { type NodeCommand, type NodeResult, resultLine, scriptedNodes } from '../../sandbox/account/scripted-nodes.ts';
import { onEvent } from '../../functions/on-event.ts';
import { sweep } from '../../functions/sweep.ts';
import type { ClusterId, InstanceId } from '../../shared/core/model.ts';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import { policy } from '../../shared/core/policy.ts';
import type { ClusterRecord, Work } from '../../shared/core/record.ts';
import type { Settings } from '../../shared/core/settings.ts';
import type { TargetGroup } from '../../shared/core/targets.ts';
import type { App, Budget, Dimensions } from '../../shared/ports.ts';
import { type Container, createBudget } from '../../shared/budget.ts';
import { settings as defaults } from '../core/sample-record.ts';
import { admitFunction, admitRing } from './deployed-roles.ts';
import { storage } from './storage.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const BUCKET = 'prometheus-on-emr-test';
const DOCUMENT = 'prometheus-on-emr-test_node-install-0123456789ab';
const REMOVAL = 'prometheus-on-emr-test_node-uninstall-0123456789ab';

const TIMINGS: Timings = {
  fulfil: SECOND,
  provision: 2 * SECOND,
  bootstrap: 2 * SECOND,
  steps: SECOND,
  decommission: 3 * SECOND,
  boot: SECOND,
  shutDown: SECOND,
  spotWarning: 2 * MINUTE,
};

const installDocument = {
  schemaVersion: '2.2',
  parameters: Object.fromEntries(['UrlAmd64', 'UrlArm64', 'Port', 'Adopt'].map((name) => [name, { type: 'String' }])),
  mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { timeoutSeconds: '600', runCommand: ['true'] } }],
};

interface Line {
  readonly level: 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface Options {
  readonly settings?: Partial<Settings>;
  /** From EC2's running to the agent's first word; undefined: no agent. */
  readonly register?: () => number | undefined;
  /** Calls of EMR's are counted against our share; when not said, there is always room. */
  readonly hasBudget?: boolean;
}

interface Rung {
  readonly id: ClusterId;
  readonly delaySeconds: number;
}

interface Call {
  readonly operation: string;
  readonly at: Date;
}

const PLENTY: Budget = {
  wait: () => 0,
  spend: () => undefined,
  waitForLook: () => 0,
  spendLook: () => undefined,
  alone: (look) => look(),
};

/** The functions over the simulated account, on a virtual clock. */
export interface World {
  readonly account: Compute;
  readonly clock: VirtualClock;
  readonly faults: Faults;
  readonly s3: S3;
  /** A consumer's container, and the sweep's. */
  readonly app: App;
  readonly sweeper: App;
  readonly events: readonly BusEvent[];
  readonly lines: readonly Line[];
  /** By name, and by name and dimensions as Prometheus would write them. */
  readonly meters: ReadonlyMap<string, number>;
  /** Cluster ids that were queued. */
  readonly rung: readonly Rung[];
  /** What an install comes to on a node from now on; undefined: it never ends. */
  readonly install: (script: (command: NodeCommand) => NodeResult | undefined) => void;
  /** Another Lambda container over the same account. */
  readonly container: (changes?: Partial<App>, kind?: Container) => App;
  /** A cluster that waits for work. */
  readonly launch: (spec?: Partial<LaunchSpec>) => Promise<ClusterId>;
  readonly nodes: (id: ClusterId) => readonly InstanceId[];
  /** Delivers messages as one batch; answers the ids (m0, m1 …) that go back to the queue. */
  readonly deliver: (...messages: readonly unknown[]) => Promise<readonly string[]>;
  /** By the sweep's container, or by another one. */
  readonly sweep: (by?: App) => Promise<void>;
  /** The account's time goes on, and every minute of it has its sweep. */
  readonly sweepFor: (milliseconds: number, by?: App) => Promise<void>;
  /** The sweep's container after a deployment of another monitoring.yml. */
  readonly deploy: (changes: Partial<Settings>) => App;
  /** How often each API operation is called meanwhile, by whatever container. */
  readonly callsOf: (run: () => Promise<unknown>) => Promise<Readonly<Record<string, number>>>;
  /** All API calls so far. */
  readonly calls: readonly Call[];
  readonly record: (id: ClusterId) => Promise<ClusterRecord | undefined>;
  readonly work: (id: ClusterId, node: InstanceId) => Promise<Work | undefined>;
  readonly targets: (id: ClusterId) => Promise<readonly TargetGroup[] | undefined>;
  /** `order`, `forget` … of all log lines about decisions so far. */
  readonly decisions: () => readonly string[];
  readonly keys: () => readonly string[];
}

export const INSTALLED = (command: NodeCommand): NodeResult => ({ exitCode: 0, stdout: resultLine(command) });

export function world(options: Options = {}): World {
  const clock = virtualClock(new Date('2026-11-22T12:00:00Z'));
  const calls: Call[] = [];
  const armed = createFaults();
  const faults: Faults = {
    ...armed,
    take(operation, key) {
      calls.push({ operation, at: clock.now() });
      return armed.take(operation, key);
    },
  };
  const events: BusEvent[] = [];
  const account = compute({ clock, publish: (event) => void events.push(event), faults, timings: TIMINGS });
  account.putDocument(DOCUMENT, installDocument);
  account.putDocument(REMOVAL, { ...installDocument, parameters: {} });
  let script = INSTALLED as (command: NodeCommand) => NodeResult | undefined;
  scriptedNodes(account, { register: options.register ?? (() => SECOND), script: (command) => script(command) });

  const settings: Settings = { ...defaults, ...options.settings };
  const s3 = createS3(clock, faults);
  s3.createBucket(BUCKET);
  for (const exporter of settings.exporters) {
    for (const key of Object.values(exporter.artifacts)) s3.put(BUCKET, key, { body: 'binary' });
  }
  const lines: Line[] = [];
  const meters = new Map<string, number>();
  const rung: Rung[] = [];
  const write = (level: Line['level']) => (message: string, fields: Line['fields']) =>
    void lines.push({ level, message, fields });
  let containers = 0;
  let orders = 0;
  const container = (changes: Partial<App> = {}, kind: Container = 'on-event'): App => {
    const budget = options.hasBudget === true ? createBudget(kind, () => clock.now()) : PLENTY;
    const own = changes.settings ?? settings;
    const admit = admitFunction(kind, account, s3, BUCKET);
    return {
      ...computePorts(account, (operation) => budget.spend(operation), admit),
      ...storage(s3, BUCKET, account.world, own.exporters, admit),
      doorbells: {
        async ring(ids, delaySeconds = 0) {
          admitRing(admit);
          rung.push(...ids.map((id) => ({ id, delaySeconds })));
        },
      },
      budget,
      memory: { records: new Map(), looks: new Map(), waiting: new Map() },
      settings: own,
      policy: policy(own.policies),
      documents: { node: { install: DOCUMENT, remove: REMOVAL } },
      log: { info: write('info'), warn: write('warn'), error: write('error') },
      meter: {
        count(metric, value, dimensions) {
          for (const name of namesOf(metric, dimensions)) meters.set(name, (meters.get(name) ?? 0) + value);
        },
        gauge(metric, value, _unit, dimensions) {
          for (const name of namesOf(metric, dimensions)) meters.set(name, value);
        },
      },
      writer: `container-${(containers += 1)}`,
      now: () => clock.now(),
      newOrderId: () => `order-${(orders += 1)}`,
      random: () => 0,
      sleep: async () => undefined,
      ...changes,
    };
  };
  const app = container();
  const sweeper = container({}, 'sweep');
  const record = async (id: ClusterId) => (await app.records.read(id))?.value;

  return {
    account,
    clock,
    faults,
    s3,
    app,
    sweeper,
    calls,
    events,
    lines,
    meters,
    rung,
    install: (next) => void (script = next),
    container,
    async launch(spec = {}) {
      const groups = [{ role: 'MASTER', instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 }] as const;
      const id = account.emr.launch({ name: 'etl', tags: { Project: 'Etl' }, groups, ...spec });
      await clock.advance(6 * SECOND);
      return id;
    },
    nodes: (id) =>
      account.emr.instances(id).flatMap(({ ec2, state }) => (ec2 && state !== 'TERMINATED' ? [ec2.id] : [])),
    deliver: (...messages) => deliver(messages, app),
    sweep: (by = sweeper) => sweep({}, by),
    async sweepFor(milliseconds, by = sweeper) {
      for (let passed = 0; passed < milliseconds; passed += MINUTE) {
        await clock.advance(MINUTE);
        await sweep({}, by);
      }
    },
    deploy(changes) {
      const next = { ...settings, ...changes };
      return container({ settings: { ...next, hash: changes.hash ?? JSON.stringify(next) } }, 'sweep');
    },
    async callsOf(run) {
      const begun = calls.length;
      await run();
      const made = Map.groupBy(calls.slice(begun), ({ operation }) => operation);
      return Object.fromEntries([...made].map(([operation, all]) => [operation, all.length]));
    },
    record,
    work: async (id, node) => (await record(id))?.nodes[node]?.exporters['node']?.work,
    async targets(id) {
      const file = await app.targets.read(id);
      return file && parseTargets(file.value.body);
    },
    decisions: () => lines.flatMap(({ message, fields }) => (message === 'decided' ? [String(fields['action'])] : [])),
    keys: () =>
      s3
        .list(BUCKET, {})
        .objects.map(({ key }) => key)
        .filter((key) => !key.startsWith('artifacts/')),
  };
}

function namesOf(metric: string, dimensions: Dimensions = {}): readonly string[] {
  const said = Object.entries(dimensions).map(([name, value]) => `${name}="${value}"`);
  return said.length === 0 ? [metric] : [metric, `${metric}{${said.toSorted().join(',')}}`];
}

/** One batch of the queue, handed to a container. */
export async function deliver(messages: readonly unknown[], app: App): Promise<readonly string[]> {
  const Records = messages.map((message, index) => ({
    messageId: `m${index}`,
    body: typeof message === 'string' ? message : JSON.stringify(message),
  }));
  const { batchItemFailures } = await onEvent({ Records } as never, app);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

/** A real event of events/, about other ids. */
export function sample(file: string, detail: Readonly<Record<string, unknown>>): unknown {
  const event = JSON.parse(readFileSync(`events/${file}.json`, 'utf8')) as { readonly detail: object };
  return { ...event, detail: { ...event.detail, ...detail } };
}

const EMR = new Set(['ListClusters', 'DescribeCluster', 'ListInstances', 'ListInstanceGroups', 'ListInstanceFleets']);

/** Those of EMR's among the calls, all together. */
export const emrCalls = (calls: Readonly<Record<string, number>>): number =>
  Object.entries(calls).reduce((sum, [operation, times]) => (EMR.has(operation) ? sum + times : sum), 0);
