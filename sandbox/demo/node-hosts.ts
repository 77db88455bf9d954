import type { InstanceId } from '../../shared/core/model.ts';
import type { Account } from '../account/account.ts';
import type { Instance } from '../account/ec2.ts';
import { bootNode, type NodeOptions, type SandboxNode } from '../nodes/boot-node.ts';

/** What stands behind the account's instances. */
export interface NodeHosts {
  /** The node behind an instance, where it is a systemd node that has booted. */
  node(id: string): SandboxNode | undefined;
  /** Ends all of them. */
  close(): Promise<void>;
}

export type OnBoot = (id: InstanceId, milliseconds: number) => void;

export interface NodeHostOptions {
  /** `stand-in`, or a folder with the real amazon-ssm-agent's programs. */
  readonly agent: string;
  /** Where the agents find SSM and its message service. */
  readonly endpoint: string;
  /** PEM file that the nodes' programs trust. */
  readonly authority: string;
  readonly onBoot: OnBoot;
  readonly onFailure: (error: unknown) => void;
  /** What else is on a node, and what starts there once it has booted. */
  readonly equipment?: Equipment;
}

export interface Equipment {
  readonly of: (instance: Instance) => Promise<Pick<NodeOptions, 'files' | 'binds'>>;
  readonly start: (node: SandboxNode, instance: Instance) => Promise<void>;
}

/** Boots a real systemd node for each instance that EC2 starts, and ends it when EC2 does. */
export function hostNodes({ compute, accountId, region }: Account, options: NodeHostOptions): NodeHosts {
  const nodes = new Map<string, SandboxNode>();
  const busy = new Map<InstanceId, Promise<void>>();

  async function boot(instance: Instance): Promise<void> {
    const { id: instanceId, address, dnsName: hostname, instanceType } = instance;
    const begun = Date.now();
    const { agent, authority: trust, equipment } = options;
    const identity = { instanceId, address, hostname, instanceType, accountId, region };
    const node = await bootNode({ ...identity, agent, trust, ...(await equipment?.of(instance)) });
    nodes.set(instanceId, node);
    options.onBoot(instanceId, Date.now() - begun);
    // It may be taken back while what runs there is still starting.
    equipment?.start(node, instance).catch((error: unknown) => {
      if (nodes.has(instanceId)) options.onFailure(error);
    });
  }

  async function end(id: InstanceId): Promise<void> {
    const node = nodes.get(id);
    nodes.delete(id);
    await node?.kill();
  }

  /** What happens to one node happens in turn: it may be taken back while it boots. */
  function next(id: InstanceId, step: () => Promise<void>): void {
    const before = busy.get(id) ?? Promise.resolve();
    busy.set(id, before.then(step).catch(options.onFailure));
  }

  compute.ec2.watch((instance) => {
    if (instance.state === 'pending') next(instance.id, () => boot(instance));
    if (instance.state === 'shutting-down') next(instance.id, () => end(instance.id));
  });
  return {
    node: (id) => nodes.get(id),
    async close() {
      for (const id of busy.keys()) next(id, () => end(id));
      await Promise.all(busy.values());
    },
  };
}
