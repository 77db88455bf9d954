import { AppError, ConfigError } from '../../shared/core/errors.ts';
import {
  type DeployedStack,
  findStack,
  firstFailure,
  newestEvent,
  type StackFailure,
  stackName,
} from '../aws/stack.ts';
import type { Env, Place } from '../place-options.ts';
import { runOsls } from '../package/run-osls.ts';
import { isAsDeployed } from '../stack-status.ts';
import type { Say } from '../step.ts';

interface Deployment {
  readonly place: Place;
  /** What is deployed now. */
  readonly before: DeployedStack | undefined;
  /** Of osls: stage, region and parameters. */
  readonly options: readonly string[];
  /** Where serverless.yml is. */
  readonly serviceDir: string;
  readonly env: Env;
  readonly say: Say;
}

/** What is deployed, below the service's folder; osls takes `.serverless` for its own work, and clears it. */
export const PACKAGE = 'build/stack';

/** Deploys what was packaged; answers the stack as it is then. */
export async function deployStack({
  place,
  before,
  options,
  serviceDir,
  env,
  say,
}: Deployment): Promise<DeployedStack> {
  const last = before && (await newestEvent(place, before.id));
  const force = before !== undefined && !isAsDeployed(before) ? ['--force'] : [];
  const onLine = (line: string): void => {
    if (isNews(line)) say(`  ${line.trim()}`);
  };
  try {
    // Verbose, osls waits for the end of a roll-back instead of leaving at the first failure.
    const args = ['deploy', '--package', PACKAGE, '--verbose', ...force, ...options];
    await runOsls(args, { cwd: serviceDir, env, onLine });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw await explained(error, place, last);
  }
  const stack = await findStack(place);
  if (stack === undefined)
    throw new ConfigError('osls said that it has deployed, but CloudFormation knows no such stack');
  return stack;
}

/** Each resource once it is there, or failed, and the little that osls says of itself. */
const isNews = (line: string): boolean =>
  /^ *[A-Z_]+_(COMPLETE|FAILED) - /.test(line) || /^\s*(Uploading|Deploying|No changes|Change set)/.test(line);

/** The same with the resource that failed first, and what mends it. */
export async function explained(
  said: AppError,
  place: Place,
  last: string | undefined,
  name = stackName(place),
  command = 'deploy',
): Promise<AppError> {
  const stack = await findStack(place, name).catch(() => undefined);
  const failure = stack && (await firstFailure(place, stack.id, last).catch(() => undefined));
  if (stack === undefined || failure === undefined) return said;
  const { resource, type, reason } = failure;
  return new ConfigError(
    [
      `${resource} (${type}): ${reason}`,
      `The stack ${stack.name} is ${stack.status}${stack.status.includes('ROLLBACK') ? ': what was deployed before is in force' : ''}.`,
      adviceOn(failure, place, command),
    ].join('\n'),
    { cause: said },
  );
}

/** What most failures of a resource come from. */
function adviceOn({ reason, type }: StackFailure, { stage, region }: Place, command: string): string {
  const again = `then npm run ${command} -- --stage ${stage} --region ${region}`;
  if (/not authorized|AccessDenied/i.test(reason)) {
    return `The deploying credentials lack a right: add what the sentence names (docs/deploy.md lists all of them), ${again}.`;
  }
  if (/already exists/i.test(reason)) {
    return `Something of that name is left from elsewhere: delete it, or deploy another --stage, ${again}.`;
  }
  if (/limit|quota|exceeded/i.test(reason)) {
    return `A quota of the account is used up: raise it (Service Quotas) or make room, ${again}.`;
  }
  return `Mend that (its documentation: ${type} in CloudFormation's template reference), ${again}.`;
}
