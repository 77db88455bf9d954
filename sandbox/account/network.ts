import { VPC } from './security-groups.ts';

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
}

export interface Volume {
  readonly id: string;
  readonly zone: string;
  /** Instances. */
  readonly attachedTo: readonly string[];
  readonly isEncrypted: boolean;
  /** ARN of a key of the account's own, unless said. */
  readonly kmsKeyId?: string;
  readonly isMultiAttach?: boolean;
  /** `in-use` or `available` by its instances, unless said. */
  readonly status?: 'creating' | 'deleting' | 'error';
  /** 100, unless said. */
  readonly sizeGiB?: number;
  readonly modification?: VolumeModification;
}

/** docs: AWSEC2/latest/APIReference/API_VolumeModification */
interface VolumeModification {
  /** The size is another from `optimizing` on. */
  readonly state: 'modifying' | 'optimizing' | 'completed';
  readonly targetGiB: number;
}

/** That a zone has this instance type. */
export interface Offering {
  readonly instanceType: string;
  readonly location: string;
}

/** What hosts of Prometheus may be; the zone b has no memory-optimized ones. */
const HOST_TYPES = ['t4g.medium', 't4g.large', 'r7g.large', 'r7g.xlarge'];

/** Subnets, volumes and what may be started there, as far as they can be looked at. */
export interface Network {
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly volumes: ReadonlyMap<string, Volume>;
  /** The answer takes it away again. */
  addVolume(volume: Volume): () => void;
  readonly offerings: readonly Offering[];
  /** What encrypts disks where nobody says. */
  readonly ebsKey: () => string;
  /** ModifyEbsDefaultKmsKeyId. */
  encryptWith(key: string): void;
}

/** Two subnets where the clusters are, and one elsewhere. */
export function createNetwork(region: string): Network {
  const subnets: readonly Subnet[] = [
    { id: 'subnet-0123456789abcdef0', vpcId: VPC, zone: `${region}a` },
    { id: 'subnet-0123456789abcdef1', vpcId: VPC, zone: `${region}b` },
    { id: 'subnet-0123456789abcdef2', vpcId: 'vpc-0123456789abcdef1', zone: `${region}a` },
  ];
  const volumes = new Map<string, Volume>();
  let ebsKey = 'alias/aws/ebs';
  return {
    subnets: new Map(subnets.map((subnet) => [subnet.id, subnet])),
    volumes,
    addVolume(volume) {
      volumes.set(volume.id, volume);
      return () => void volumes.delete(volume.id);
    },
    offerings: HOST_TYPES.flatMap((instanceType) =>
      ['a', 'b'].map((zone) => ({ instanceType, location: `${region}${zone}` })),
    ).filter(({ instanceType, location }) => !(instanceType.startsWith('r') && location.endsWith('b'))),
    ebsKey: () => ebsKey,
    encryptWith: (key) => void (ebsKey = key),
  };
}
