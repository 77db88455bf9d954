import type { Arch, ClusterId, Ec2State, InstanceId, Market } from '../../shared/core/model.ts';
import { register } from './ec2-register.ts';
import type { Surroundings } from './surroundings.ts';

interface LaunchRequest {
  readonly instanceType: string;
  readonly market: Market;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Instance extends LaunchRequest {
  readonly id: InstanceId;
  readonly state: Exclude<Ec2State, 'notFound'>;
  readonly arch: Arch;
  readonly zone: string;
  readonly address: string;
  readonly dnsName: string;
  readonly reservationId: string;
  readonly launchedAt: Date;
  readonly terminatedAt?: Date;
}

export interface Ec2Timings {
  /** pending → running. */
  readonly boot: number;
  /** shutting-down → terminated. */
  readonly shutDown: number;
  /** Interruption warning → shutting-down: two minutes (docs: AWSEC2/latest/UserGuide/spot-instance-termination-notices). */
  readonly spotWarning: number;
}

export interface Ec2 {
  launch(request: LaunchRequest): Instance;
  shutDown(id: InstanceId): void;
  /** EC2 takes a spot instance back: the warning now, the end when it is over. */
  interrupt(id: InstanceId): void;
  /** CreateTags and DeleteTags: these are its tags from now on. */
  tag(id: InstanceId, tags: Readonly<Record<string, string>>): void;
  instance(id: InstanceId): Instance | undefined;
  /** All that DescribeInstances shows, oldest first. */
  instances(): readonly Instance[];
  /** Those of them whose tag names this cluster. */
  members(cluster: ClusterId): readonly Instance[];
  /** Told of every state change, unlike events without loss: whoever boots real nodes listens here. */
  watch(listener: (instance: Instance) => void): void;
}

/** Graviton families carry a g after the generation: m6g, r7gd, c7gn, t4g (docs: ec2/latest/instancetypes). */
const archOf = (instanceType: string): Arch => (/^[a-z]+\d+g/.test(instanceType) ? 'arm64' : 'amd64');

/** docs: AWSEC2/latest/UserGuide/hostname-types (IP name): us-east-1 has its own domain. */
const dnsNameOf = (address: string, region: string): string =>
  `ip-${address.replaceAll('.', '-')}.${region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`}`;

export function ec2({ clock, ids, accountId, region, addressOf, emit }: Surroundings, timings: Ec2Timings): Ec2 {
  const instances = register<Instance>(clock);
  const listeners: ((instance: Instance) => void)[] = [];
  let launched = 0;

  function enter(instance: Instance): void {
    instances.put(instance);
    // docs: AWSEC2/latest/UserGuide/monitoring-instance-state-changes
    const arn = `arn:aws:ec2:${region}:${accountId}:instance/${instance.id}`;
    const detail = { 'instance-id': instance.id, state: instance.state };
    emit('aws.ec2', 'EC2 Instance State-change Notification', [arn], detail);
    for (const listener of listeners) listener(instance);
  }

  function launch(request: LaunchRequest): Instance {
    const address = addressOf(launched++);
    const instance: Instance = {
      ...request,
      id: ids.instance(),
      state: 'pending',
      arch: archOf(request.instanceType),
      zone: `${region}a`,
      address,
      dnsName: dnsNameOf(address, region),
      reservationId: ids.resource('r'),
      launchedAt: clock.now(),
    };
    enter(instance);
    clock.after(timings.boot, () => {
      const current = instances.get(instance.id);
      if (current?.state === 'pending') enter({ ...current, state: 'running' });
    });
    return instance;
  }

  function shutDown(id: InstanceId): void {
    const instance = instances.get(id);
    if (instance === undefined || instance.state === 'shutting-down' || instance.state === 'terminated') return;
    enter({ ...instance, state: 'shutting-down' });
    clock.after(timings.shutDown, () => {
      enter({ ...instance, ...instances.get(id), state: 'terminated', terminatedAt: clock.now() });
    });
  }

  function interrupt(id: InstanceId): void {
    const instance = instances.get(id);
    if (instance?.market !== 'SPOT') throw new Error(`${id} is not a spot instance`);
    // The ARN has the zone in place of the region and no account (docs: AWSEC2/latest/UserGuide/spot-instance-termination-notices).
    const arn = `arn:aws:ec2:${instance.zone}:instance/${id}`;
    const detail = { 'instance-id': id, 'instance-action': 'terminate' };
    emit('aws.ec2', 'EC2 Spot Instance Interruption Warning', [arn], detail);
    clock.after(timings.spotWarning, () => shutDown(id));
  }

  return {
    launch,
    shutDown,
    interrupt,
    tag(id, tags) {
      const instance = instances.get(id);
      if (instance !== undefined) instances.put({ ...instance, tags });
    },
    instance: (id) => instances.get(id),
    instances: () => instances.all(),
    members: (cluster) => instances.members(cluster),
    watch: (listener) => void listeners.push(listener),
  };
}
