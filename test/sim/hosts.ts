import type { InstanceId } from '../../shared/core/model.ts';
import type { Clock } from '../../sandbox/account/clock.ts';
import type { NodeCommand, NodeResult } from '../../sandbox/account/scripted-nodes.ts';
import type { Deployment } from './deployment.ts';
import type { Troubles } from './faults.ts';
import type { Random } from './random.ts';
import { MINUTE, SECOND, START } from './time.ts';

/** What is really on the nodes. */
export interface Hosts {
  /** An agent's first word after EC2 says running; undefined: it has none. */
  readonly register: (id: InstanceId) => number | undefined;
  readonly run: (command: NodeCommand) => NodeResult | undefined;
  /** Revisions of this exporter that were ever there, oldest first; `undefined` after a removal. */
  readonly history: (id: InstanceId, exporter: string) => readonly (string | undefined)[];
  /** When its agent said its first word; undefined: it never does. */
  readonly onlineAt: (id: InstanceId) => number | undefined;
}

type Character = 'good' | 'conflict' | 'unsupported' | 'pendingRestart' | 'broken' | 'noAgent';

interface Report {
  readonly outcome: string;
  readonly reason: string;
}

const FAILED: Partial<Report> = { outcome: 'failed', reason: 'it does not answer' };

/** deployment.ts names the documents. */
function readName(document: string) {
  const [, exporter = '', un, revision = ''] = /_([a-z]+)-(un)?install-(.+)$/.exec(document) ?? [];
  return { exporter, un, revision };
}

const success = (exporter: string, isUninstall: boolean, version: string, again: object): object =>
  isUninstall
    ? { outcome: 'removed' }
    : { outcome: 'installed', version, endpoints: [{ port: PORTS[exporter] ?? 1, labels: {} }], ...again };

const PORTS: Readonly<Record<string, number>> = { node: 9100, graphite: 9108 };

export function createHosts(
  clock: Clock,
  random: Random,
  trouble: Troubles,
  deployments: readonly Deployment[],
): Hosts {
  const characters = new Map<InstanceId, Character>();
  const installed = new Map<string, (string | undefined)[]>();
  const online = new Map<InstanceId, number>();
  const busyUntil = new Map<string, number>();
  const history = (id: InstanceId, exporter: string): (string | undefined)[] => {
    const key = `${id} ${exporter}`;
    const found = installed.get(key) ?? [];
    installed.set(key, found);
    return found;
  };

  function character(id: InstanceId): Character {
    const known = characters.get(id);
    if (known !== undefined) return known;
    const draw = random.next();
    const list = ['conflict', 'unsupported', 'pendingRestart', 'broken', 'noAgent'] as const;
    const drawn = draw < 0.05 ? (list[Math.floor(draw * 100)] ?? 'good') : 'good';
    characters.set(id, drawn);
    return drawn;
  }

  const line = (exporter: string, report: object): string =>
    `PROMETHEUS_ON_EMR ${JSON.stringify({ exporter, version: '', changed: true, endpoints: [], ...report })}\n`;

  /** Decided once for each node and version. */
  function isBroken(node: InstanceId, revision: string): boolean {
    const broken = deployments.find(({ settings }) => settings.exporters.some((one) => one.revision === revision));
    const share = revision.startsWith('node-') ? (broken?.wish.broken ?? 0) : 0;
    return random.fork(`${node} ${revision}`).chance(share);
  }

  /** What an install comes to on this node, whatever else goes wrong. */
  function refusal(node: InstanceId, revision: string): Partial<Report> | undefined {
    const nature = character(node);
    if (nature === 'conflict' || nature === 'unsupported' || nature === 'pendingRestart') return { outcome: nature };
    return nature === 'broken' || isBroken(node, revision) ? FAILED : undefined;
  }

  function run({ node, document }: NodeCommand): NodeResult | undefined {
    const { exporter, un, revision } = readName(document);
    const key = `${node} ${exporter}`;
    const runMs = random.between(SECOND, 40 * SECOND);
    const now = clock.now().getTime();
    if ((busyUntil.get(key) ?? 0) > now) return { exitCode: 75, stdout: '', stderr: 'another run holds the lock' };
    busyUntil.set(key, now + runMs);
    if (trouble.strikes('dead agent', 0.02)) return undefined;
    if (trouble.strikes('failed install', 0.04)) return { exitCode: 75, stdout: '', runMs };
    const isUninstall = un !== undefined;
    const refused = trouble.strikes('failed install', 0.04)
      ? FAILED
      : isUninstall
        ? undefined
        : refusal(node, revision);
    if (refused !== undefined) {
      return { exitCode: refused === FAILED ? 1 : 0, stdout: line(exporter, refused), runMs };
    }
    clock.after(runMs, () => void history(node, exporter).push(isUninstall ? undefined : revision));
    // Something on the node is still to come up.
    const asks = exporter === 'graphite' && random.chance(0.1) ? { again: random.between(60, 600) } : {};
    // Somebody's profile script talks so much that the report does not fit into what SSM keeps.
    const noise = trouble.strikes('cut output', 0.03) ? 'x'.repeat(2600) : '';
    return { exitCode: 0, stdout: noise + line(exporter, success(exporter, isUninstall, revision, asks)), runMs };
  }

  return {
    register(id) {
      if (character(id) === 'noAgent') return undefined;
      const delay = trouble.strikes('late agent', 0.1)
        ? trouble.random('late agent').between(MINUTE, 15 * MINUTE)
        : random.between(SECOND, 20 * SECOND);
      online.set(id, clock.now().getTime() - START.getTime() + delay);
      return delay;
    },
    run,
    history,
    onlineAt: (id) => online.get(id),
  };
}
