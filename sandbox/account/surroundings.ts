import type { Clock } from './clock.ts';
import type { BusEvent } from './events.ts';
import { createFaults, type Faults } from './faults.ts';
import { type Identifiers, identifiers } from './identifiers.ts';

export interface AccountOptions {
  readonly clock: Clock;
  /** Where EMR's, EC2's and SSM's events go: the bus, which may lose, double or delay them. */
  readonly publish: (event: BusEvent) => void;
  /** Armed by operation: `ListInstances`, `SendCommand` … */
  readonly faults?: Faults;
  /** The same seed gives the same ids. */
  readonly seed?: string;
  readonly accountId?: string;
  readonly region?: string;
  /** The n-th instance's private address; by default of a simulated subnet. */
  readonly addressOf?: (n: number) => string;
}

/** What every simulated service shares. */
export interface Surroundings {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly ids: Identifiers;
  readonly accountId: string;
  readonly region: string;
  readonly addressOf: (n: number) => string;
  readonly emit: (source: string, detailType: string, resources: readonly string[], detail: object) => void;
}

export function surroundings({ clock, publish, ...options }: AccountOptions): Surroundings {
  const {
    seed = 'account',
    accountId = '111122223333',
    region = 'us-east-1',
    faults = createFaults(),
    addressOf = inSubnet,
  } = options;
  const ids = identifiers(seed);
  return {
    clock,
    faults,
    ids,
    accountId,
    region,
    addressOf,
    emit: (source, detailType, resources, detail) =>
      publish({
        version: '0',
        id: ids.uuid(),
        'detail-type': detailType,
        source,
        account: accountId,
        time: `${clock.now().toISOString().slice(0, 19)}Z`,
        region,
        resources,
        detail,
      }),
  };
}

/** 10.42.0.10 first, 240 to each /24. */
const inSubnet = (n: number): string => `10.42.${Math.floor(n / 240)}.${10 + (n % 240)}`;
