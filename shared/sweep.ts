import { isDueAgain, stand, tryAgain } from './core/back-off.ts';
import { concurrently } from './core/concurrently.ts';
import { UnknownClusterError } from './core/errors.ts';
import type { ClusterId } from './core/model.ts';
import { byUrgency, type Wish, wishes } from './core/wishes.ts';
import { lookAround, type Around } from './look-around.ts';
import { lookNeeds, NO_HINTS } from './look.ts';
import { measureFleet, measureSweep } from './measure.ts';
import type { App, EmrOperation } from './ports.ts';
import { reconcile } from './reconcile.ts';

const AT_ONCE = 4;
/** The function has 55 s (serverless.yml): what has not begun by then has its turn in the next minute. */
const TIME_TO_BEGIN = 35_000;

/**
 * Finds what no event told us: looks at EC2 once for all clusters, and goes to those that differ from their record or
 * hold unfinished work (docs/adr/0011), the most urgent first. One that fails does not keep the others from their turn;
 * what our share of EMR's quotas has no room for waits for one of the next minutes.
 */
export async function sweepAll(app: App): Promise<void> {
  const around = await lookAround(app);
  const all = wishes(around.records, around.unreadable, around.survey, app.settings);
  remember(all, app);
  const visits = toVisits(all, app);
  const run: Run = { around, backlog: [], failures: [] };
  measureFleet(around, app);
  await concurrently(AT_ONCE, around.strays, async (stray) => await withdrawAgain(stray, run, app));
  // Through EMR one after the other, for what the first leaves of our share is the next one's.
  const [alone, together] = [visits.filter(isThroughEmr), visits.filter((visit) => !isThroughEmr(visit))];
  const go = async (visit: Visit): Promise<void> => await visitOne(visit, run, app);
  await Promise.all([concurrently(1, alone, go), concurrently(AT_ONCE, together, go)]);
  measureSweep(
    run.backlog.map((wish) => app.memory.looks.get(keyOf(wish))?.since ?? around.survey.at),
    app,
  );
  const { failures } = run;
  const count = visits.length + around.strays.length;
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} of ${count} clusters failed`);
}

interface Run {
  readonly around: Around;
  readonly backlog: Wish[];
  readonly failures: unknown[];
}

/** One cluster's wishes that are due. */
interface Visit {
  readonly id: ClusterId;
  readonly wishes: readonly [Wish, ...Wish[]];
}

const isThroughEmr = (visit: Visit): boolean => visit.wishes.some(({ depth }) => depth === 'emr');
const keyOf = ({ depth, id }: Wish): string => `${depth} ${id}`;

/** What is wished for no more is forgotten, so that it begins anew when it comes again. */
function remember(all: readonly Wish[], app: App): void {
  const { looks } = app.memory;
  const keys = new Set(all.map(keyOf));
  for (const key of looks.keys()) if (!keys.has(key)) looks.delete(key);
  for (const wish of all) looks.set(keyOf(wish), stand(wish.signature, looks.get(keyOf(wish)), app.now()));
}

function toVisits(all: readonly Wish[], app: App): readonly Visit[] {
  const { looks } = app.memory;
  const now = app.now();
  // The most urgent first; of those, what has been wished for longest.
  const since = (wish: Wish): number => looks.get(keyOf(wish))?.since.getTime() ?? 0;
  const due = all
    .filter((wish) => isDueAgain(wish.signature, looks.get(keyOf(wish)), now))
    .toSorted((a, b) => byUrgency(a, b) || since(a) - since(b));
  return [...Map.groupBy(due, ({ id }) => id)].map(([id, of]) => ({ id, wishes: of as [Wish, ...Wish[]] }));
}

async function visitOne({ id, wishes: due }: Visit, { around, backlog, failures }: Run, app: App): Promise<void> {
  const { at, instances, rollouts } = around.survey;
  const hasRoom = isThroughEmr({ id, wishes: due }) && (await waitForRoom(lookNeeds(around.records.get(id)), at, app));
  const isLate = app.now().getTime() - at.getTime() > TIME_TO_BEGIN;
  const possible = isLate ? [] : due.filter(({ depth }) => depth === 'ec2' || hasRoom);
  backlog.push(...due.filter((wish) => !possible.includes(wish)));
  if (possible.length === 0) return;
  const depth = possible.some((wish) => wish.depth === 'emr') ? 'emr' : 'ec2';
  let done = possible;
  let hasFailed = false;
  try {
    const putOff = await reconcile(id, { ...NO_HINTS, depth, fleet: { at, instances, rollouts } }, app);
    if (putOff > 0) {
      done = possible.filter((wish) => wish.depth === 'ec2');
      backlog.push(...possible.filter((wish) => wish.depth === 'emr'));
    }
  } catch (error) {
    // A tag that names no cluster of EMR's is nobody's failure.
    if (error instanceof UnknownClusterError) app.log.warn('cluster unknown to EMR', { clusterId: id });
    else {
      app.log.error('reconcile failed', { clusterId: id, error });
      failures.push(error);
      hasFailed = true;
    }
  }
  const { looks } = app.memory;
  const now = app.now();
  for (const wish of done) looks.set(keyOf(wish), tryAgain(wish.signature, looks.get(keyOf(wish)), now, hasFailed));
}

/** Our share of EMR comes back while the sweep runs: it waits for that as long as it may begin something. */
async function waitForRoom(operations: readonly EmrOperation[], began: Date, app: App): Promise<boolean> {
  const wait = app.budget.wait(operations);
  if (wait === 0) return true;
  if (app.now().getTime() + wait - began.getTime() > TIME_TO_BEGIN) return false;
  await app.sleep(wait);
  return app.budget.wait(operations) === 0;
}

/** A writer that was slower than its cluster's end brought the file back. Without ended/ nothing is known, nor done. */
async function withdrawAgain(
  [id, etag]: readonly [ClusterId, string],
  { failures }: Run,
  { records, targets, log }: App,
): Promise<void> {
  try {
    if (await records.isEnded(id)) await targets.delete(id, etag);
  } catch (error) {
    log.error('target file not withdrawn', { clusterId: id, error });
    failures.push(error);
  }
}
