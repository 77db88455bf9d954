import { setTimeout } from 'node:timers/promises';
import { ConfigError } from '../../shared/core/errors.ts';
import { detachCommands } from '../aws/attached-policies.ts';
import { emptyBucket } from '../aws/purge-bucket.ts';
import {
  deleteStack,
  type DeployedStack,
  findStack,
  firstFailure,
  hostStackName,
  newestEvent,
  setParameter,
  settled,
} from '../aws/stack.ts';
import { recordsIn } from '../deployed-stack.ts';
import type { Place } from '../place-options.ts';
import { readAll } from '../status/status.ts';
import type { Say } from '../step.ts';
import { waitUntilOff } from './take-off.ts';

const optionsOf = ({ stage, region }: Place): string => `--stage ${stage} --region ${region}`;

/** Why there are no exporters to be taken off, or nobody to do it; undefined where there is. */
export function whyNothingToTakeOff({ status, outputs, parameters }: DeployedStack): string | undefined {
  if (/^(DELETE_|REVIEW_|CREATE_|ROLLBACK_)/.test(status) && status !== 'CREATE_COMPLETE') {
    return `the stack is ${status}: no function of it runs`;
  }
  if (outputs['BucketName'] === undefined) return 'the stack has no bucket, so it has never ordered anything';
  if (!('Retire' in parameters)) return 'this stack is older than the command: nothing in it can be told to do so';
  return undefined;
}

/** Has the deployed functions take the exporters off, and waits until their records say so. */
export async function takeOff(place: Place, stack: DeployedStack, minutes: number, say: Say): Promise<void> {
  checkUpdatable(stack, place);
  await change(place, stack, () => setParameter(place, stack, 'Retire', 'true'), say);
  const records = recordsIn(stack.outputs['BucketName'] ?? '', place);
  await waitUntilOff({
    records: () => readAll(records),
    now: () => new Date(),
    pause: (milliseconds) => setTimeout(milliseconds),
    say,
    minutes,
    advice: [
      `The stack is still there, and goes on taking exporters off. Mend the nodes and run this again, or leave what is on them:`,
      `  npm run remove -- ${optionsOf(place)} --leave-exporters`,
      `To have the exporters back: npm run deploy -- ${optionsOf(place)}`,
    ].join('\n'),
  });
}

/**
 * IAM deletes no policy that is attached, and CloudFormation detaches ours from nobody else's roles: the stack would be half
 * deleted. Detaching is left to those whose roles they are.
 */
export async function refuseAttached(place: Place, { outputs }: DeployedStack): Promise<void> {
  const policies = [outputs['NodePolicyArn'], outputs['SidecarPolicyArn']].filter((arn) => arn !== undefined);
  const commands = (await Promise.all(policies.map((arn) => detachCommands(place, arn)))).flat();
  if (commands.length === 0) return;
  const host = await findStack(place, hostStackName(place));
  const deleteHost = `aws cloudformation delete-stack --stack-name ${host?.name} --region ${place.region}   # the Prometheus host, docs/host.md`;
  const isOfHost = (command: string): boolean => host !== undefined && command.includes(`--role-name ${host.name}-`);
  throw new ConfigError(
    [
      'IAM deletes no policy that is attached, and these are. Nothing of the stack was deleted; detach them, and run this again:',
      ...(host === undefined ? [] : [`  ${deleteHost}`]),
      ...commands.filter((command) => !isOfHost(command)).map((command) => `  ${command}`),
    ].join('\n'),
  );
}

/** Empties the bucket of osls's uploads, which CloudFormation would refuse to delete, and deletes the stack. */
export async function takeAway(place: Place, stack: DeployedStack, accountId: string, say: Say): Promise<void> {
  const uploads = stack.outputs['ServerlessDeploymentBucketName'];
  if (uploads !== undefined) await emptyBucket(place, { bucket: uploads, accountId }, () => {});
  await change(place, stack, () => deleteStack(place, stack.id), say);
}

/** CloudFormation changes nothing of a stack whose roll-back has not ended; it would delete it. */
function checkUpdatable({ name, status }: DeployedStack, place: Place): void {
  if (status !== 'UPDATE_ROLLBACK_FAILED') return;
  throw new ConfigError(
    `the stack ${name} is ${status}, its functions cannot be told: aws cloudformation continue-update-rollback --stack-name ${name} --region ${place.region}, then run this again; or leave what is on the nodes: npm run remove -- ${optionsOf(place)} --leave-exporters`,
  );
}

/** Waits for what was begun, if anything was: `false` says that there was nothing to change. Throws the first resource that would not. */
async function change(
  place: Place,
  { id, name }: DeployedStack,
  begin: () => Promise<boolean | void>,
  say: Say,
): Promise<void> {
  const last = await newestEvent(place, id);
  if ((await begin()) === false) return;
  const status = await settled(place, id, (now) => say(`  ${name}: ${now}`));
  if (status === 'UPDATE_COMPLETE' || status === 'CREATE_COMPLETE' || status === 'DELETE_COMPLETE') return;
  const failure = await firstFailure(place, id, last);
  throw new ConfigError(
    failure === undefined
      ? `the stack ${name} is ${status}`
      : `${failure.resource} (${failure.type}): ${failure.reason}\nThe stack ${name} is ${status}. Mend that and run this again.`,
  );
}

/** One that somebody else is at is left alone; one that is being deleted is waited for. */
export async function stackToRemove(place: Place): Promise<DeployedStack | undefined> {
  const stack = await findStack(place);
  const isBusy = stack?.status.endsWith('_IN_PROGRESS') === true && !/^(DELETE|REVIEW)_/.test(stack.status);
  if (isBusy)
    throw new ConfigError(
      `the stack ${stack.name} is ${stack.status}: somebody is at it; run this again when that has ended`,
    );
  return stack;
}
