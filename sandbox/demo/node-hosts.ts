import type { InstanceId } from '../../shared/core/model.ts';
import type { Account } from '../account/account.ts';
import type { Instance } from '../account/ec2.ts';
import { bootNode, type SandboxNode } from '../nodes/boot-node.ts';

export interface NodeHosts {
  readonly nodes: ReadonlyMap<InstanceId, SandboxNode>;
  /** Waits for what is booting or stopping. */
  settle(): Promise<void>;
}

export interface NodeHostOptions {
  /** `stand-in`, or a folder with the real amazon-ssm-agent's programs. */
  readonly agent: string;
  /** PEM file that the nodes' programs trust. */
  readonly authority: string;
  readonly onBoot: (instance: Instance, milliseconds: number) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Boots a real systemd node for each instance that EC2 starts, and shuts it down when EC2 does. */
export function hostNodes({ compute, accountId, region }: Account, options: NodeHostOptions): NodeHosts {
  const nodes = new Map<InstanceId, SandboxNode>();
  const busy = new Map<InstanceId, Promise<void>>();

  async function boot(instance: Instance): Promise<void> {
    const { id: instanceId, address, dnsName: hostname, instanceType } = instance;
    const begun = Date.now();
    const { agent, authority: trust } = options;
    const node = await bootNode({ instanceId, address, hostname, instanceType, accountId, region, agent, trust });
    nodes.set(instanceId, node);
    options.onBoot(instance, Date.now() - begun);
  }

  async function shutDown(id: InstanceId): Promise<void> {
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
    if (instance.state === 'shutting-down') next(instance.id, () => shutDown(instance.id));
  });
  return {
    nodes,
    async settle() {
      await Promise.all(busy.values());
    },
  };
}
