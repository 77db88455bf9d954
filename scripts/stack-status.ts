import { ConfigError } from '../shared/core/errors.ts';
import type { DeployedStack } from './aws/stack.ts';
import type { Place } from './place-options.ts';

const optionsOf = ({ stage, region }: Place): string => `--stage ${stage} --region ${region}`;

/**
 * May the stack be deployed to now? Throws with what has to be done first.
 *
 *   status                                                        → answer
 *   none, CREATE_COMPLETE, UPDATE_COMPLETE …                      → yes
 *   REVIEW_IN_PROGRESS, CREATE_FAILED, ROLLBACK_COMPLETE, …FAILED → it never came to be: remove it first
 *   … _IN_PROGRESS                                                → somebody is at it
 *   UPDATE_ROLLBACK_FAILED                                        → the roll-back has to end first
 *   DELETE_FAILED                                                 → remove it first
 */
export function checkDeployable(
  stack: DeployedStack | undefined,
  place: Place,
  remove = `npm run remove -- ${optionsOf(place)}`,
): void {
  if (stack === undefined) return;
  const { name, status } = stack;
  if (/^(REVIEW_IN_PROGRESS|CREATE_FAILED|ROLLBACK_COMPLETE|ROLLBACK_FAILED)$/.test(status)) {
    throw new ConfigError(`the stack ${name} never came to be (${status}): ${remove}, then deploy again`);
  }
  if (status.endsWith('_IN_PROGRESS')) {
    throw new ConfigError(`the stack ${name} is ${status}: somebody is at it; deploy again when that has ended`);
  }
  if (status === 'UPDATE_ROLLBACK_FAILED') {
    throw new ConfigError(
      `the stack ${name} is ${status}: aws cloudformation continue-update-rollback --stack-name ${name} --region ${place.region}, then deploy again`,
    );
  }
  if (status === 'DELETE_FAILED')
    throw new ConfigError(`the stack ${name} is half removed (${status}): ${remove}, then deploy again`);
}

/**
 * Did the last operation end as it was meant to? osls would skip a deploy whose files are those of the last one, though
 * that one was rolled back, or `remove` has changed a parameter since.
 */
export const isAsDeployed = ({ status, parameters }: DeployedStack): boolean =>
  (status === 'CREATE_COMPLETE' || status === 'UPDATE_COMPLETE') && parameters['Retire'] !== 'true';
