import type { ClusterId, Role } from '../../shared/core/model.ts';
import type { SandboxNode } from '../nodes/boot-node.ts';
import { until } from '../until.ts';
import type { Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';

/** EMR starts a MASTER, a CORE and a TASK node; all of them run when this returns. */
export async function launchThree(stage: Stage, tell: Narrator, name: string, purpose: string): Promise<ClusterId> {
  const { emr } = stage.account.compute;
  tell.chapter(`EMR starts the cluster ${name} with ${purpose}: a MASTER, a CORE and a TASK node`);
  const group = { instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 } as const;
  const roles: readonly Role[] = ['MASTER', 'CORE', 'TASK'];
  const groups = roles.map((role) => ({ ...group, role, market: role === 'TASK' ? ('SPOT' as const) : group.market }));
  const id = emr.launch({ name, releaseLabel: 'emr-7.1.0', tags: {}, groups });
  await until('the cluster runs', () => emr.cluster(id)?.state === 'RUNNING');
  return id;
}

/** EMR ends it; Prometheus has none of its targets when this returns. */
export async function terminate(stage: Stage, tell: Narrator, id: ClusterId): Promise<void> {
  tell.chapter('The cluster is terminated');
  stage.account.compute.emr.terminate(id);
  await until('no target is left', async () => (await stage.prometheus.targets()).length === 0);
}

export interface Member {
  readonly role: Role;
  readonly id: string;
}

export function members({ account: { compute } }: Stage, id: ClusterId): readonly Member[] {
  const roles = new Map(compute.emr.groups(id).map(({ id: group, role }) => [group, role]));
  return compute.emr
    .instances(id)
    .map(({ groupId, ec2 }) => ({ role: roles.get(groupId) ?? 'TASK', id: ec2?.id ?? '' }));
}

export function masterOf(stage: Stage, id: ClusterId): SandboxNode {
  const master = stage.hosts.node(members(stage, id).find(({ role }) => role === 'MASTER')?.id ?? '');
  if (master === undefined) throw new Error('the master is no systemd node');
  return master;
}

/** What Prometheus answers: the value of the only series, or undefined where there is none. */
export async function query({ prometheus: { url } }: Stage, expression: string): Promise<number | undefined> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { data } = (await response.json()) as { data: { result: readonly { value: readonly [number, string] }[] } };
  const [only, ...others] = data.result;
  if (others.length > 0) throw new Error(`${expression}: ${data.result.length} series, expected 1`);
  return only && Number(only.value[1]);
}

export const short = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(1));
