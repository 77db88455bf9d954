import { subnetItem, volumeItem } from './ec2-answers.ts';
import { filters, type Form, list } from './ec2-filters.ts';
import type { Network, Volume } from './network.ts';
import type { Xml } from './query-xml.ts';
import type { Surroundings } from './surroundings.ts';
import { WireFault } from './wire.ts';

type Action = (form: Form) => { readonly [name: string]: Xml };

/** Of subnets, volumes and the key of disks. */
export function placeActions(network: Network, world: Surroundings): Readonly<Record<string, Action>> {
  const { accountId, region } = world;
  const volumeOf = (id: string): Volume => known(network.volumes, id, 'volume', 'Volume');

  /** Done as soon as it is asked for: what is still at work is put there by tests. */
  function modifyVolume(form: Form): { readonly [name: string]: Xml } {
    const volume = volumeOf(form.get('VolumeId') ?? '');
    const { sizeGiB = 100, modification } = volume;
    const targetGiB = Number(form.get('Size'));
    if (modification !== undefined && modification.state !== 'completed') {
      const message = `The volume ${volume.id} currently has a modification in ${modification.state} state`;
      throw new WireFault('IncorrectModificationState', message);
    }
    if (targetGiB < sizeGiB) {
      const message = `New size cannot be smaller than existing size`;
      throw new WireFault('InvalidParameterValue', message);
    }
    const changed = { ...volume, sizeGiB: targetGiB, modification: { state: 'optimizing', targetGiB } } as const;
    network.addVolume(changed);
    return { volumeModification: modificationItem(changed) ?? {} };
  }

  return {
    DescribeSubnets: (form) => ({
      subnetSet: askedOf(form, 'SubnetId', network.subnets).map((id) =>
        subnetItem(known(network.subnets, id, 'subnet', 'SubnetID')),
      ),
    }),
    DescribeVolumes: (form) => ({
      volumeSet: askedOf(form, 'VolumeId', network.volumes).map((id) => volumeItem(volumeOf(id), accountId, region)),
    }),
    DescribeVolumesModifications: (form) => ({
      volumeModificationSet: [...network.volumes.values()]
        .filter(filters(form, 'DescribeVolumesModifications', ofVolume))
        .flatMap((volume) => modificationItem(volume) ?? []),
    }),
    GetEbsDefaultKmsKeyId: () => ({ kmsKeyId: network.ebsKey() }),
    ModifyVolume: modifyVolume,
  };
}

/** Whoever names none asks for all. */
function askedOf(form: Form, name: string, all: ReadonlyMap<string, unknown>): readonly string[] {
  const asked = list(form, name);
  return asked.length > 0 ? asked : [...all.keys()];
}

const modificationItem = ({ id, modification, sizeGiB = 100 }: Volume): Xml | undefined =>
  modification && {
    volumeId: id,
    modificationState: modification.state,
    targetSize: modification.targetGiB,
    originalSize: sizeGiB,
  };

const ofVolume = (filter: string): ((volume: Volume) => readonly string[]) | undefined =>
  filter === 'volume-id' ? ({ id }) => [id] : undefined;

/** docs: AWSEC2/latest/APIReference/errors-overview: Invalid….NotFound */
function known<T>(all: ReadonlyMap<string, T>, id: string, what: string, code: string): T {
  const found = all.get(id);
  if (found === undefined) throw new WireFault(`Invalid${code}.NotFound`, `The ${what} '${id}' does not exist`);
  return found;
}
