import { createInterface } from 'node:readline/promises';
import { ConfigError } from '../../shared/core/errors.ts';
import { whoAmI } from '../aws/identity.ts';
import { notDeployed } from '../aws/in-words.ts';
import { type DeployedStack, stackName } from '../aws/stack.ts';
import { refuseOslsCredentials } from '../package/osls-credentials.ts';
import type { Env, Place } from '../place-options.ts';
import { askForPurge, planPurge, purge } from './purge.ts';
import { readRemoveOptions } from './remove-options.ts';
import { refuseAttached, stackToRemove, takeAway, takeOff, whyNothingToTakeOff } from './remove-stack.ts';
import { printable } from '../printable.ts';
import { reportAndExit } from '../report-and-exit.ts';
import { type Say, step } from '../step.ts';

interface Terminal {
  readonly print: Say;
  readonly say: Say;
  /** Undefined where nobody sits at it. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
}

/** Takes away what `deploy` has brought, in the opposite order. */
export async function removeCommand(args: readonly string[], env: Env, { print, say, ask }: Terminal): Promise<void> {
  const options = readRemoveOptions(args, env);
  const { place, minutes } = options;
  refuseOslsCredentials(place.stage, env);
  const { accountId, arn } = await whoAmI(place);
  say(`Removing ${stackName(place)} from ${place.region}, account ${accountId}, as ${arn}`);
  const stack = await stackToRemove(place);
  const bucket = bucketOf(place, stack, options.bucket);
  const wanted = options.purge && bucket !== undefined ? await planPurge(place, bucket, accountId) : undefined;
  if (wanted !== undefined && !options.yes) await askForPurge(wanted, ask);
  if (stack !== undefined) await removeStack(place, stack, { accountId, minutes, say });
  if (bucket === undefined) return print(`${stackName(place)} is gone.`);
  if (wanted === undefined) return print(kept(place, bucket));
  await step('Purge', say, () => purge(wanted, say));
  print(`${stackName(place)} is gone, and ${wanted.isOwn ? bucket : `what was its in ${bucket}`} too.`);
}

/** The stack's, or the one that was named for a stack that is gone. Where both are there, they are the same. */
function bucketOf(place: Place, stack: DeployedStack | undefined, named: string | undefined): string | undefined {
  if (stack === undefined && named === undefined) throw new ConfigError(nothingThere(place));
  const its = stack?.outputs['BucketName'];
  if (stack === undefined || named === undefined || named === its) return its ?? named;
  throw new ConfigError(
    `--bucket is "${named}", but the stack ${stack.name} is there (${stack.status}), and its bucket is ${its ?? 'not made yet'}: leave --bucket out to remove that stack; nothing was removed`,
  );
}

interface Removal {
  readonly accountId: string;
  /** How long the nodes are waited for; undefined: not at all. */
  readonly minutes: number | undefined;
  readonly say: Say;
}

async function removeStack(place: Place, stack: DeployedStack, { accountId, minutes, say }: Removal): Promise<void> {
  await step('Exporters', say, async () => {
    const why = minutes === undefined ? '--leave-exporters' : whyNothingToTakeOff(stack);
    if (minutes !== undefined && why === undefined) await takeOff(place, stack, minutes, say);
    else say(`  are not taken off the nodes: ${why}`);
  });
  // Only now: the nodes needed theirs until their exporters were off.
  await step('Policies', say, () => refuseAttached(place, stack));
  await step('Stack', say, () => takeAway(place, stack, accountId, say));
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
