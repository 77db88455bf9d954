import type { Identity } from '../aws/identity.ts';
import type { DeployedStack } from '../aws/stack.ts';
import type { Place } from '../place-options.ts';
import type { Say } from '../step.ts';
import type { HostParameter } from './host-template.ts';

export interface HostPlan {
  readonly place: Place;
  readonly identity: Identity;
  /** The host's stack as it is. */
  readonly before: DeployedStack | undefined;
  readonly values: Readonly<Record<HostParameter, string>>;
  /** What `volumeGiB` says this time: nothing, and the volume stays as large as it is. */
  readonly wantedGiB: number | undefined;
  /** Parameters of which it is known already that they are wrong: `values` has others for them, of which nobody wants to hear. */
  readonly wrong: ReadonlySet<string>;
  readonly say: Say;
}
