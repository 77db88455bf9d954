import { AppError, ConfigError } from '../../shared/core/errors.ts';
import { type DeployedStack, findStack, newestEvent, putStack, settled } from '../aws/stack.ts';
import { explained } from '../deploy/deploy-stack.ts';
import type { Place } from '../place-options.ts';
import type { Say } from '../step.ts';

interface Wanted {
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly place: Place;
  readonly name: string;
  readonly before: DeployedStack | undefined;
  readonly say: Say;
}

/** Brings the host's stack about, and waits until its instance has said that it is installed; answers the stack. */
export async function putHost({ place, name, before, say, ...source }: Wanted): Promise<DeployedStack> {
  const last = before && (await newestEvent(place, before.id));
  if (!(await putStack(place, name, source, before))) say('  it is as it has to be: no instance is replaced');
  const status = await settled(place, before?.id ?? name, (now) => say(`  ${now}`));
  const stack = await findStack(place, name);
  if (stack !== undefined && /^(CREATE|UPDATE)_COMPLETE$/.test(status)) return stack;
  const failed = new ConfigError(`the stack ${name} is ${status}`);
  throw await explained(failed, place, last, name, 'deploy:host').catch((error: unknown) =>
    error instanceof AppError ? error : failed,
  );
}
