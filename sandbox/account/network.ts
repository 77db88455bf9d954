import { VPC } from './security-groups.ts';

export interface Subnet {
  readonly id: string;
  readonly vpcId: string;
  readonly zone: string;
}

export interface Volume {
  readonly id: string;
  readonly zone: string;
  readonly isInUse: boolean;
  readonly isEncrypted: boolean;
}

/** Subnets and volumes, as far as they can be looked at. */
export interface Network {
  readonly subnets: ReadonlyMap<string, Subnet>;
  readonly volumes: ReadonlyMap<string, Volume>;
  /** The answer takes it away again. */
  addVolume(volume: Volume): () => void;
}

/** Two subnets where the clusters are, and one elsewhere. */
export function createNetwork(region: string): Network {
  const subnets: readonly Subnet[] = [
    { id: 'subnet-0123456789abcdef0', vpcId: VPC, zone: `${region}a` },
    { id: 'subnet-0123456789abcdef1', vpcId: VPC, zone: `${region}b` },
    { id: 'subnet-0123456789abcdef2', vpcId: 'vpc-0123456789abcdef1', zone: `${region}a` },
  ];
  const volumes = new Map<string, Volume>();
  return {
    subnets: new Map(subnets.map((subnet) => [subnet.id, subnet])),
    volumes,
    addVolume(volume) {
      volumes.set(volume.id, volume);
      return () => void volumes.delete(volume.id);
    },
  };
}
