import type { Clusters, Commands, EmrOperation, Fleet } from '../../shared/ports.ts';
import { type Admit, EVERYBODY } from './admit.ts';
import { clustersPort } from './clusters-port.ts';
import { commandsPort } from './commands-port.ts';
import type { Compute } from './compute.ts';
import { fleetPort } from './fleet-port.ts';
import { caller } from './port-call.ts';

interface ComputePorts {
  readonly clusters: Clusters;
  readonly fleet: Fleet;
  readonly commands: Commands;
}

/**
 * The account as reconcile sees it, without protocols: the same quotas, faults and errors as through the adapters.
 * `spend` is told of every EMR call, `admit` asked before each call.
 */
export function computePorts(
  account: Compute,
  spend: (operation: EmrOperation) => void = () => undefined,
  admit: Admit = EVERYBODY,
): ComputePorts {
  const call = caller(account, spend, admit);
  return {
    clusters: clustersPort(account, call),
    fleet: fleetPort(account, call),
    commands: commandsPort(account, call),
  };
}
