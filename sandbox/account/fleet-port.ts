import { isClusterId } from '../../shared/core/event.ts';
import type { ClusterId, Ec2Instance, InstanceId } from '../../shared/core/model.ts';
import type { Fleet, Tags } from '../../shared/ports.ts';
import type { Compute } from './compute.ts';
import { clusterOf } from './ec2-register.ts';
import type { Instance } from './ec2.ts';
import { type Call, everyPage } from './port-call.ts';

/** docs: AWSEC2/latest/APIReference, DescribeTags and DescribeInstances: at most 1,000 a page … */
const PAGE = 1000;
/** … and 200 values of a filter (docs: AWSEC2/latest/UserGuide/Using_Filtering). */
const MAX_VALUES = 200;

export function fleetPort({ ec2 }: Compute, call: Call): Fleet {
  const one = (id: InstanceId): Ec2Instance => toInstance(id, ec2.instance(id));
  return {
    async instances(ids) {
      if (ids.length === 0) return new Map();
      return await call('DescribeInstances', {}, () => new Map(ids.map((id) => [id, one(id)])));
    },
    async members(id) {
      const asked = () => (id === undefined ? ec2.instances() : ec2.members(id));
      return new Map(await everyPage(call, ['DescribeTags', {}], PAGE, () => asked().flatMap(memberOf)));
    },
    async leavers() {
      const found = await everyPage(call, ['DescribeInstances', {}], PAGE, () => ec2.instances().filter(isLeaver));
      return new Map(found.map((instance) => [instance.id, toInstance(instance.id, instance)]));
    },
    async tags(ids, keys) {
      if (ids.length > MAX_VALUES) throw new RangeError(`${ids.length} instances in one DescribeTags`);
      if (ids.length === 0 || keys.length === 0) return new Map(ids.map((id) => [id, {}]));
      return await call(
        'DescribeTags',
        {},
        () => new Map(ids.map((id) => [id, only(keys, ec2.instance(id)?.tags ?? {})])),
      );
    },
  };
}

type Member = readonly [InstanceId, ClusterId];

/** A tag that is no cluster's id makes nobody a member. */
function memberOf(instance: Instance): readonly Member[] {
  const cluster = clusterOf(instance) ?? '';
  return isClusterId(cluster) ? [[instance.id, cluster]] : [];
}

const isLeaver = (instance: Instance): boolean =>
  (instance.state === 'shutting-down' || instance.state === 'terminated') && clusterOf(instance) !== undefined;

const only = (keys: readonly string[], tags: Tags): Tags =>
  Object.fromEntries(Object.entries(tags).filter(([key]) => keys.includes(key)));

function toInstance(id: InstanceId, instance: Instance | undefined): Ec2Instance {
  if (instance === undefined) return { id, state: 'notFound' };
  const { state, zone, arch } = instance;
  const clusterId = clusterOf(instance);
  return { id, state, zone, arch, ...(clusterId !== undefined && { clusterId }) };
}
