import type { Clock } from './clock.ts';
import { compilePattern } from './rule-pattern.ts';

/** What the sandbox's own services publish; the bus adds nothing to it. */
export interface BusEvent {
  readonly source: string;
  readonly 'detail-type': string;
  readonly [field: string]: unknown;
}

interface Target {
  readonly id?: string;
  /** Queue or function. */
  readonly arn: string;
  /** Where events go that the target did not take. */
  readonly deadLetterArn?: string;
}

interface Rule {
  readonly arn: string;
  /** One of the two. */
  readonly pattern?: unknown;
  /** `rate(1 minute)` … */
  readonly schedule?: string;
  readonly targets: readonly Target[];
  /** One that is not matches nothing, and is still there. */
  readonly isEnabled?: boolean;
}

/** Hands an event to a queue or a function; throws when it cannot. */
export type Deliver = (targetArn: string, body: string, ruleArn: string) => void;

/** Best-effort delivery has all three: docs.aws.amazon.com/eventbridge/latest/ref/event-delivery-level.html */
type Mishap = { readonly kind: 'lose' } | { readonly kind: 'double' } | { readonly kind: 'delay'; readonly ms: number };

export interface Events {
  /** Throws on a pattern or schedule that EventBridge would refuse. The answer deletes the rule. */
  putRule(rule: Rule): () => void;
  rules(): readonly Rule[];
  /** EnableRule, DisableRule. */
  setEnabled(arn: string, isEnabled: boolean): void;
  publish(event: BusEvent): void;
  /** From now on each event that `match` picks meets the mishap; the answer ends that. */
  disturb(mishap: Mishap, match?: (event: BusEvent) => boolean): () => void;
  /** Events that a target did not take and no dead-letter queue caught. */
  readonly dropped: readonly Dropped[];
}

interface Dropped {
  readonly event: BusEvent;
  readonly targetArn: string;
  readonly reason: string;
}

/** `onLost` hears of a rule whose dead-letter queue did not take an event either. */
export function createEvents(
  clock: Clock,
  deliver: Deliver,
  onLost: (ruleArn: string) => void = () => undefined,
): Events {
  const rules = new Map<string, { readonly rule: Rule; readonly end: () => void }>();
  let patterns: readonly { readonly rule: Rule; readonly matches: (event: unknown) => boolean }[] = [];
  const dropped: Dropped[] = [];
  let disturbances: readonly { mishap: Mishap; match: (event: BusEvent) => boolean }[] = [];

  const toDeadLetters = (target: Target, ruleArn: string, event: BusEvent, reason: string): void => {
    try {
      if (target.deadLetterArn !== undefined) return deliver(target.deadLetterArn, JSON.stringify(event), ruleArn);
    } catch {
      onLost(ruleArn);
    }
    dropped.push({ event, targetArn: target.arn, reason });
  };
  const toTargets = ({ arn, targets }: Rule, event: BusEvent): void => {
    for (const target of targets) {
      try {
        deliver(target.arn, JSON.stringify(event), arn);
      } catch (error) {
        // No permission and no such target are not retried: docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
        toDeadLetters(target, arn, event, String(error));
      }
    }
  };
  const toRules = (event: BusEvent): void => {
    for (const { rule, matches } of patterns) if (matches(event)) toTargets(rule, event);
  };
  const repeat = (rule: Rule, every: number): (() => void) => {
    const again = (): (() => void) =>
      clock.after(every, () => {
        cancel = again();
        toTargets(rule, scheduledEvent(rule.arn, clock.now()));
      });
    let cancel = again();
    return () => cancel();
  };

  function start(rule: Rule): () => void {
    const added = rule.pattern === undefined ? [] : [{ rule, matches: compilePattern(rule.pattern) }];
    const every = rule.schedule === undefined ? undefined : parseRate(rule.schedule);
    if (rule.isEnabled === false) return () => undefined;
    const cancel = every === undefined ? undefined : repeat(rule, every);
    patterns = [...patterns, ...added];
    return () => {
      patterns = patterns.filter((other) => other.rule !== rule);
      cancel?.();
    };
  }

  return {
    dropped,
    rules: () => [...rules.values()].map(({ rule }) => rule),
    putRule(rule) {
      rules.get(rule.arn)?.end();
      const entry = { rule, end: start(rule) };
      rules.set(rule.arn, entry);
      return () => {
        (rules.get(rule.arn) ?? entry).end();
        rules.delete(rule.arn);
      };
    },
    setEnabled(arn, isEnabled) {
      const found = rules.get(arn);
      if (found === undefined) throw new Error(`there is no rule ${arn}`);
      found.end();
      const rule = { ...found.rule, isEnabled };
      rules.set(arn, { rule, end: start(rule) });
    },
    publish(event) {
      const mishap = disturbances.find(({ match }) => match(event))?.mishap;
      if (mishap?.kind === 'lose') return;
      if (mishap?.kind === 'double') toRules(event);
      if (mishap?.kind === 'delay') clock.after(mishap.ms, () => toRules(event));
      else toRules(event);
    },
    disturb(mishap, match = () => true) {
      const disturbance = { mishap, match };
      disturbances = [...disturbances, disturbance];
      return () => {
        disturbances = disturbances.filter((other) => other !== disturbance);
      };
    },
  };
}

const MINUTE = 60_000;
const UNITS: Readonly<Record<string, number>> = { minute: MINUTE, hour: 60 * MINUTE, day: 1440 * MINUTE };

/** `rate(1 minute)`, `rate(5 minutes)`: singular for 1 only. docs.aws.amazon.com/eventbridge/latest/userguide/eb-rate-expressions.html */
export function parseRate(expression: string): number {
  const [, count = '', unit = '', plural] = /^rate\(([1-9]\d*) (minute|hour|day)(s?)\)$/.exec(expression) ?? [];
  const ms = Number(count) * (UNITS[unit] ?? 0);
  if (ms === 0 || (count === '1') !== (plural === '')) {
    throw new Error(
      `schedule ${expression}: the simulated account knows rate(1 minute), rate(5 minutes), hours and days`,
    );
  }
  return ms;
}

/** events/scheduled-event.json */
const scheduledEvent = (ruleArn: string, now: Date): BusEvent => ({
  version: '0',
  id: crypto.randomUUID(),
  'detail-type': 'Scheduled Event',
  source: 'aws.events',
  account: ruleArn.split(':')[4],
  time: now.toISOString().replace(/\.\d+Z$/, 'Z'),
  region: ruleArn.split(':')[3],
  resources: [ruleArn],
  detail: {},
});
