import type { Clock } from './clock.ts';
import { type Identifiers, identifiers } from './identifiers.ts';

/** An event as EventBridge hands it to rules. */
export interface AwsEvent {
  readonly version: '0';
  readonly id: string;
  readonly 'detail-type': string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: Readonly<Record<string, unknown>>;
}

/**
 * When copies of an event arrive, in milliseconds from now: `[0]` once and at once, `[]` never, `[0, 0]` twice,
 * `[90_000]` late. EMR, EC2 and SSM events are "best effort" (docs: eventbridge/latest/ref/event-delivery-level).
 */
export type Delivery = (event: AwsEvent) => readonly number[];

export interface AccountOptions {
  readonly clock: Clock;
  readonly deliver: (event: AwsEvent) => void | Promise<void>;
  readonly delivery?: Delivery;
  /** Runs before each API call (`emr.ListInstances`); what it throws, a WireFault, is the answer. */
  readonly interfere?: (call: string) => void;
  readonly seed?: string;
  readonly accountId?: string;
  readonly region?: string;
}

/** What every simulated service shares. */
export interface Surroundings {
  readonly clock: Clock;
  readonly ids: Identifiers;
  readonly accountId: string;
  readonly region: string;
  readonly emit: (
    source: string,
    detailType: string,
    resources: readonly string[],
    detail: Readonly<Record<string, unknown>>,
  ) => void;
  readonly interfere: (call: string) => void;
}

export function surroundings({ clock, deliver, delivery = () => [0], ...options }: AccountOptions): Surroundings {
  const { seed = 'account', accountId = '111122223333', region = 'us-east-1', interfere = () => undefined } = options;
  const ids = identifiers(seed);
  return {
    clock,
    ids,
    accountId,
    region,
    interfere,
    emit(source, detailType, resources, detail) {
      const event: AwsEvent = {
        version: '0',
        id: ids.uuid(),
        'detail-type': detailType,
        source,
        account: accountId,
        time: `${clock.now().toISOString().slice(0, 19)}Z`,
        region,
        resources,
        detail,
      };
      for (const ms of delivery(event)) clock.after(ms, () => deliver(event));
    },
  };
}
