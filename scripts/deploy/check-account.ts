import type { Monitoring } from '../../shared/core/monitoring.ts';
import { allOrProblems, throwProblems } from '../all-problems.ts';
import { bucketProblems } from '../aws/bucket.ts';
import type { Identity } from '../aws/identity.ts';
import { securityGroups } from '../aws/security-groups.ts';
import { allOurStacks, type DeployedStack, stackName } from '../aws/stack.ts';
import { portRanges } from '../package/build-network.ts';
import { groupsOf, networkProblems } from '../package/check-network.ts';
import { topicProblems } from './check-topic.ts';
import { readNetwork } from '../package/network-parameters.ts';
import type { Place } from '../place-options.ts';
import type { Say } from '../step.ts';

interface Plan {
  readonly place: Place;
  readonly identity: Identity;
  readonly before: DeployedStack | undefined;
  readonly values: Readonly<Record<string, string>>;
  readonly monitoring: Monitoring;
  readonly say: Say;
}

/** What only the account can say of the parameters: everything that is wrong, before anything is created. */
export async function checkAccount(plan: Plan): Promise<void> {
  const topic = plan.values['alarmTopic'] ?? '';
  await allOrProblems(
    existingBucketProblems(plan).then(throwProblems),
    topicProblems({ ...plan, parameter: 'alarmTopic', topic }).then(throwProblems),
    checkSecurityGroups(plan),
  );
}

async function existingBucketProblems({ place, identity, before, values }: Plan): Promise<readonly string[]> {
  const bucket = values['existingBucket'] ?? '';
  const used = before?.outputs['BucketName'];
  if (
    before !== undefined &&
    used !== undefined &&
    (before.parameters['ExistingBucket'] ?? '') !== bucket &&
    used !== bucket
  ) {
    const fix = `leave it out, or take the stack away first (npm run remove -- --stage ${place.stage} --region ${place.region})`;
    return [`existingBucket is "${bucket}", but the stack's records are in ${used}: ${fix}`];
  }
  if (bucket === '' || bucket === used) return [];
  const problems = await bucketProblems(place, { bucket, accountId: identity.accountId });
  // Two stages in one bucket would write each other's records.
  const others = (await allOurStacks(place)).filter(
    ({ name, outputs }) => name !== stackName(place) && outputs['BucketName'] === bucket,
  );
  return [...problems, ...others.map(({ name }) => `it is the bucket of ${name}: each stage needs its own`)].map(
    (problem) => `existingBucket is "${bucket}": ${problem}`,
  );
}

async function checkSecurityGroups({ place, values, monitoring }: Plan): Promise<void> {
  const network = readNetwork(values);
  if (network === undefined) return;
  const found = await securityGroups(place, groupsOf(network));
  throwProblems(networkProblems(network, portRanges(monitoring), found, stackName(place)));
}
