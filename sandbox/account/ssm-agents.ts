import type { InstanceId } from '../../shared/core/model.ts';
import type { Ec2 } from './ec2.ts';
import type { Surroundings } from './surroundings.ts';

/** What an agent says of itself with UpdateInstanceInformation. */
interface AgentReport {
  readonly AgentVersion?: string | undefined;
  readonly PlatformType?: string | undefined;
  readonly PlatformName?: string | undefined;
  readonly PlatformVersion?: string | undefined;
  readonly IPAddress?: string | undefined;
  readonly ComputerName?: string | undefined;
}

export interface Agent {
  readonly id: InstanceId;
  readonly report: AgentReport;
  readonly lastPing: Date;
  readonly ping: 'Online' | 'ConnectionLost';
}

export interface Agents {
  ping(id: InstanceId, report: AgentReport): void;
  /** A long poll is a sign of life too. */
  seen(id: InstanceId): void;
  /** Registered agents on instances that are there: never of stopped or terminated ones. */
  all(): readonly Agent[];
  agent(id: InstanceId): Agent | undefined;
}

/** Agents ping every 5 minutes; two missed pings are taken as lost (the interval is undocumented). */
const LOST_AFTER_MS = 600_000;

export function agents({ clock }: Surroundings, ec2: Ec2): Agents {
  const reports = new Map<InstanceId, { readonly report: AgentReport; readonly lastPing: Date }>();

  function agent(id: InstanceId): Agent | undefined {
    const known = reports.get(id);
    const state = ec2.instance(id)?.state;
    // docs: systems-manager/latest/APIReference/API_DescribeInstanceInformation
    if (known === undefined || (state !== 'running' && state !== 'pending')) return undefined;
    const silence = clock.now().getTime() - known.lastPing.getTime();
    return { id, ...known, ping: silence > LOST_AFTER_MS ? 'ConnectionLost' : 'Online' };
  }

  return {
    ping: (id, report) =>
      void reports.set(id, { report: { ...reports.get(id)?.report, ...report }, lastPing: clock.now() }),
    seen(id) {
      const known = reports.get(id);
      if (known !== undefined) reports.set(id, { ...known, lastPing: clock.now() });
    },
    all: () => [...reports.keys()].flatMap((id) => agent(id) ?? []),
    agent,
  };
}
