import type { Container as Kind } from '../../shared/budget.ts';
import type { App } from '../../shared/ports.ts';
import { type Container, createContainer } from './container.ts';
import { MINUTE, SECOND } from './time.ts';
import type { World } from './world.ts';

/** serverless.yml */
const TIMEOUTS: Readonly<Record<Kind, number>> = { sweep: 55 * SECOND, 'on-event': MINUTE, backfill: 5 * MINUTE };

export interface Lambda {
  /** Runs a function in a warm container, or in a new one; undefined when it died or threw. */
  readonly invoke: <T>(kind: Kind, run: (app: App) => Promise<T>) => Promise<T | undefined>;
  readonly running: () => number;
  /** Ever begun. */
  readonly invocations: () => number;
}

export function lambda(world: World): Lambda {
  const { clock, ledger, random } = world;
  const idle: Container[] = [];
  let created = 0;
  let running = 0;
  let invocations = 0;

  /** Containers of the last deployment are gone. */
  function take(kind: Kind): Container {
    const warm = idle.findIndex((one) => one.kind === kind && one.deployment === world.deployment());
    const [found] = warm === -1 ? [] : idle.splice(warm, 1);
    return found ?? createContainer(kind, (created += 1), world);
  }

  return {
    running: () => running,
    invocations: () => invocations,
    async invoke(kind, run) {
      const container = take(kind);
      const { name } = container;
      running += 1;
      invocations += 1;
      ledger.trace(() => `${name} begins`);
      const cancel = clock.after(TIMEOUTS[kind], () => container.kill('timed out'));
      const outcome = await Promise.race([
        run(container.app).then(
          (answer) => ({ answer }),
          (error: unknown) => ({ error }),
        ),
        container.died.then((reason) => ({ reason })),
      ]);
      cancel();
      running -= 1;
      if (!('reason' in outcome) && random.chance(0.98)) idle.push(container);
      if ('error' in outcome) ledger.failed(outcome.error);
      ledger.trace(() => `${name} ends${'error' in outcome ? `: ${String(outcome.error)}` : ''}`);
      return 'answer' in outcome ? outcome.answer : undefined;
    },
  };
}
