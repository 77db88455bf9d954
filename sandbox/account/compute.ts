import type { Clock } from './clock.ts';
import { type Ec2, ec2, type Ec2Timings } from './ec2.ts';
import { ec2Handler } from './ec2-wire.ts';
import { type Emr, emr } from './emr.ts';
import type { EmrTimings } from './emr-model.ts';
import { emrHandler } from './emr-wire.ts';
import { type Mds, mds } from './mds.ts';
import { mdsHandler } from './mds-wire.ts';
import { type Agents, agents } from './ssm-agents.ts';
import { createNetwork, type Network } from './network.ts';
import { createSecurityGroups, type SecurityGroups } from './security-groups.ts';
import { type RunCommand, runCommand } from './ssm-commands.ts';
import { type DocumentContent, readDocument } from './ssm-documents.ts';
import { ssmHandler } from './ssm-wire.ts';
import { type AccountOptions, type Surroundings, surroundings } from './surroundings.ts';
import type { WireHandler } from './wire.ts';

/** EMR, EC2 and SSM of one account and region. */
export interface Compute {
  readonly world: Surroundings;
  readonly clock: Clock;
  readonly emr: Emr;
  readonly ec2: Ec2;
  readonly securityGroups: SecurityGroups;
  readonly network: Network;
  readonly mds: Mds;
  readonly agents: Agents;
  readonly commands: RunCommand;
  /** CreateDocument, as CloudFormation would call it. */
  putDocument(name: string, content: unknown): void;
  deleteDocument(name: string): void;
  /** By the prefix of X-Amz-Target. */
  readonly targets: Readonly<Record<string, WireHandler>>;
  /** EC2's Query protocol. */
  readonly query: WireHandler;
}

export interface Timings extends EmrTimings, Ec2Timings {}

/** Seconds instead of minutes, in the proportions of a real launch. */
export const QUICK: Timings = {
  fulfil: 500,
  provision: 2500,
  bootstrap: 2000,
  steps: 500,
  decommission: 1000,
  boot: 1000,
  shutDown: 1500,
  spotWarning: 10_000,
};

export function compute({ timings, ...options }: AccountOptions & { readonly timings: Timings }): Compute {
  const world = surroundings(options);
  const documents = new Map<string, DocumentContent>();
  const instances = ec2(world, timings);
  const securityGroups = createSecurityGroups(world.ids);
  const network = createNetwork(world.region);
  const clusters = emr(world, instances, timings);
  const queues = mds(world);
  const registry = agents(world, instances);
  const commands = runCommand(world, queues, documents, (node) => registry.agent(node)?.ping === 'Online');
  return {
    world,
    clock: world.clock,
    emr: clusters,
    ec2: instances,
    securityGroups,
    network,
    mds: queues,
    agents: registry,
    commands,
    putDocument: (name, content) => void documents.set(name, readDocument(content)),
    deleteDocument: (name) => void documents.delete(name),
    targets: {
      ElasticMapReduce: emrHandler(clusters, world),
      AmazonSSM: ssmHandler(instances, registry, commands, documents, world),
      EC2WindowsMessageDeliveryService: mdsHandler(queues, registry, commands, world),
    },
    query: ec2Handler(instances, { securityGroups, network }, world),
  };
}
