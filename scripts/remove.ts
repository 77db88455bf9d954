import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../shared/core/errors.ts';
import { deleteBucket, emptyBucket } from './aws/bucket.ts';
import { notDeployed } from './aws/in-words.ts';
import { type DeployedStack, stackName } from './aws/stack.ts';
import type { Env, Place } from './place-options.ts';
import { readRemoveOptions } from './remove-options.ts';
import { stackToRemove, takeAway, takeOff, whyNothingToTakeOff } from './remove-stack.ts';
import { printable } from './printable.ts';
import { reportAndExit } from './report-and-exit.ts';
import { type Say, step } from './step.ts';

/** Everything of ours in a bucket. */
const PREFIXES = ['artifacts/', 'clusters/', 'content/', 'ended/', 'targets/'];

interface Terminal {
  readonly print: Say;
  readonly say: Say;
  /** Undefined where nobody sits at it. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

/** Takes away what `deploy` has brought, in the opposite order. */
export async function removeCommand(args: readonly string[], env: Env, { print, say, ask }: Terminal): Promise<void> {
  const { place, minutes, purge, yes, bucket: named } = readRemoveOptions(args, env);
  const stack = await stackToRemove(place);
  const bucket = stack?.outputs['BucketName'] ?? named;
  if (stack === undefined && bucket === undefined) throw new ConfigError(nothingThere(place));
  if (purge && bucket !== undefined && !yes) await confirm(bucket, ask);
  if (stack !== undefined) await removeStack(place, stack, minutes, say);
  if (bucket === undefined) return print(`${stackName(place)} is gone.`);
  if (!purge) return print(kept(place, bucket));
  const isOwn = isMadeByStack(place, bucket, stack);
  await step('Purge', say, () => purgeBucket(place, bucket, isOwn, say));
  print(`${stackName(place)} is gone, and ${isOwn ? bucket : `what was its in ${bucket}`} too.`);
}

/** `minutes`: how long the nodes are waited for; undefined: not at all. */
async function removeStack(place: Place, stack: DeployedStack, minutes: number | undefined, say: Say): Promise<void> {
  await step('Exporters', say, async () => {
    const why = minutes === undefined ? '--leave-exporters' : whyNothingToTakeOff(stack);
    if (minutes !== undefined && why === undefined) await takeOff(place, stack, minutes, say);
    else say(`  are not taken off the nodes: ${why}`);
  });
  await step('Stack', say, () => takeAway(place, stack, say));
}

/** With the stack gone, CloudFormation's way to name a bucket tells. */
const isMadeByStack = (place: Place, bucket: string, stack: DeployedStack | undefined): boolean =>
  stack === undefined
    ? new RegExp(`^${stackName(place)}-bucket-[a-z0-9]+$`).test(bucket)
    : (stack.parameters['ExistingBucket'] ?? '') === '';

async function purgeBucket(place: Place, bucket: string, isOwn: boolean, say: Say): Promise<void> {
  await emptyBucket(place, bucket, (line) => say(`  ${line}`), isOwn ? [''] : PREFIXES);
  if (isOwn) await deleteBucket(place, bucket);
  else say(`  ${bucket} is not the stack's: it stays, without ${PREFIXES.join(', ')}`);
}

async function confirm(bucket: string, ask: Terminal['ask']): Promise<void> {
  const fix = 'nothing was removed';
  if (ask === undefined)
    throw new ConfigError(`--purge asks for the bucket's name, and nobody is there: add --yes; ${fix}`);
  const answer = await ask(
    `All records, artifacts and their versions in ${bucket} are deleted. Type its name to go on: `,
  );
  if (answer.trim() !== bucket) throw new ConfigError(`"${answer.trim()}" is not ${bucket}: ${fix}`);
}

const nothingThere = (place: Place): string =>
  `${notDeployed(place)}. The bucket of a stack that is gone already: npm run remove -- --stage ${place.stage} --region ${place.region} --purge --bucket NAME`;

const kept = ({ stage, region }: Place, bucket: string): string => {
  const options = `--stage ${stage} --region ${region}`;
  return `prometheus-on-emr-${stage} is gone. Its bucket stays, with the records and artifacts:
  to use it again   npm run deploy -- ${options} --param existingBucket=${bucket}
  to delete it      npm run remove -- ${options} --purge --bucket ${bucket}`;
};

async function askPerson(question: string): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

if (import.meta.main) {
  try {
    const ask = process.stdin.isTTY ? askPerson : undefined;
    await removeCommand(process.argv.slice(2), process.env, {
      print: console.log,
      say: (line) => console.error(printable(line)),
      ask,
    });
  } catch (error) {
    reportAndExit(error);
  }
}
