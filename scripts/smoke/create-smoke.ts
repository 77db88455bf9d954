import { DescribeClusterCommand } from '@aws-sdk/client-emr';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { required } from '../../shared/aws/aws-error.ts';
import { emrClusters } from '../../shared/aws/emr-clusters.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import type { ClusterId } from '../../shared/core/model.ts';
import { notDeployed } from '../aws/in-words.ts';
import { findStack } from '../aws/stack.ts';
import { readExportersLock } from '../exporters/exporters-lock.ts';
import { settingsAndDocuments } from '../package/package-stack.ts';
import type { Place } from '../place-options.ts';
import { type Clients, createClients } from './clients.ts';
import { ofType, type Smoke, type Stack } from './examined.ts';
import { stackResources } from './stack-resources.ts';

interface Wanted extends Pick<Smoke, 'now' | 'sleep' | 'say'> {
  readonly place: Place;
  readonly clusterId: ClusterId;
  readonly lockPath: string | undefined;
}

/** Asks what is deployed; throws a ConfigError where nothing is. */
export async function createSmoke({ place, clusterId, lockPath, ...surroundings }: Wanted): Promise<Smoke> {
  const clients = createClients(place.region);
  const [stack, { settings, documents }, lock] = await Promise.all([
    readStack(clients, place),
    settingsAndDocuments(lockPath),
    readExportersLock(lockPath),
  ]);
  const clusters = emrClusters(clients.emr, () => undefined);
  const cluster = once(() => clusters.describe(clusterId));
  return {
    place,
    clusterId,
    clients,
    emr: clusters,
    settings,
    documents,
    lock,
    stack,
    ...surroundings,
    cluster,
    functions: once(() =>
      Promise.all(
        ofType(stack, 'AWS::Lambda::Function').map(({ physicalId: FunctionName }) =>
          clients.lambda.send(new GetFunctionConfigurationCommand({ FunctionName })),
        ),
      ),
    ),
    rawCluster: once(async () => {
      const { Cluster } = await clients.emr.send(new DescribeClusterCommand({ ClusterId: clusterId }));
      return required(Cluster, 'Cluster');
    }),
    nodes: once(async () => {
      const [roles, nodes] = [await clusters.roles(await cluster()), await clusters.nodes(clusterId)];
      return nodes
        .filter(({ state }) => state === 'RUNNING')
        .map((node) => ({ ...node, role: required(roles.get(node.collectionId), `the role of ${node.id}`) }));
    }),
  };
}

async function readStack(clients: Clients, place: Place): Promise<Stack> {
  const found = await findStack(place);
  if (found === undefined) throw new ConfigError(notDeployed(place));
  const { id, name, status, outputs } = found;
  const bucket = outputs['BucketName'];
  if (bucket === undefined) throw new ConfigError(`the stack ${name} has no output BucketName: deploy again`);
  // arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<id>
  const [, partition = '', , , accountId = ''] = id.split(':');
  return {
    name,
    status,
    accountId,
    partition,
    bucket,
    resources: await stackResources(clients, place, id),
  };
}

/** A failure too: every check that asks shall say it. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}
