import * as z from 'zod/mini';
import { jsonHandler, operation } from './aws-json.ts';
import type { Surroundings } from './surroundings.ts';
import { WireFault, type WireHandler } from './wire.ts';

const TARGET = 'AmazonEC2ContainerRegistry_V20150921';
const describe = z.strictObject({ registryId: z.optional(z.string()), repositoryNames: z.array(z.string()) });

/** An account without container images: `osls remove` asks. docs: AmazonECR/latest/APIReference/API_DescribeRepositories */
export const ecrTargets = (world: Surroundings): Readonly<Record<string, WireHandler>> => ({
  [TARGET]: jsonHandler(
    TARGET,
    {
      DescribeRepositories: operation(describe, ({ repositoryNames: [name = ''] }) => {
        throw new WireFault(
          'RepositoryNotFoundException',
          `The repository with name '${name}' does not exist in the registry with id '${world.accountId}'`,
        );
      }),
    },
    world,
  ),
});
