import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import type { Cluster as SdkCluster } from '@aws-sdk/client-emr';
import type { ClusterId, Cluster, EmrNode, Role } from '../../shared/core/model.ts';
import type { Clusters } from '../../shared/ports.ts';
import type { Settings } from '../../shared/core/settings.ts';
import type { BuiltDocument } from '../package/build-documents.ts';
import type { ExportersLock } from '../exporters/exporters-lock.ts';
import type { Place } from '../place-options.ts';
import type { Clients } from './clients.ts';

/** What CloudFormation made. */
export interface DeployedResource {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: string;
}

interface Node extends EmrNode {
  readonly role: Role;
}

/** What the checks look at. What is asked of AWS is asked once: whoever asks again gets the same answer. */
export interface Smoke {
  readonly place: Place;
  readonly clusterId: ClusterId;
  readonly clients: Clients;
  readonly emr: Clusters;
  /** Of this checkout. */
  readonly settings: Settings;
  readonly documents: readonly BuiltDocument[];
  readonly lock: ExportersLock;
  readonly stack: Stack;
  readonly functions: () => Promise<readonly FunctionConfiguration[]>;
  readonly cluster: () => Promise<Cluster>;
  readonly rawCluster: () => Promise<SdkCluster>;
  /** Those that run. */
  readonly nodes: () => Promise<readonly Node[]>;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** Progress of what takes long. */
  readonly say: (line: string) => void;
}

export interface Stack {
  readonly name: string;
  readonly status: string;
  readonly accountId: string;
  readonly partition: string;
  readonly bucket: string;
  readonly resources: readonly DeployedResource[];
}

export const ofType = ({ resources }: Stack, type: string): readonly DeployedResource[] =>
  resources.filter((resource) => resource.type === type);

export const physicalId = ({ resources }: Stack, logicalId: string): string | undefined =>
  resources.find((resource) => resource.logicalId === logicalId)?.physicalId;
