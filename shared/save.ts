import { isSameRecord, type ClusterRecord } from './core/record.ts';
import { targetGroups } from './core/targets.ts';
import { ConflictError } from './core/errors.ts';
import { isSameJson } from './core/canonical.ts';
import type { App, Stored } from './ports.ts';

/** How often a writer that lost a race reads again and tries, before the next doorbell or sweep does. */
const MAX_RACES = 5;

/** Saves a record under the next sequence number, unless it says what `before` says. A lost race is a ConflictError. */
export async function save(
  record: ClusterRecord,
  before: Stored<ClusterRecord> | undefined,
  { records, writer }: Pick<App, 'records' | 'writer'>,
): Promise<Stored<ClusterRecord>> {
  if (before !== undefined && isSameRecord(record, before.value)) return before;
  const next = { ...record, writer, sequence: (before?.value.sequence ?? 0) + 1 };
  const value = hasSameTargets(record, before?.value) ? next : { ...next, targetEtag: TO_BE_WRITTEN };
  return { value, etag: await records.save(value, before?.etag) };
}

/** No file has this ETag: whoever dies before it is written, the sweep sees that file and record differ. */
const TO_BE_WRITTEN = '';

const hasSameTargets = (a: ClusterRecord, b: ClusterRecord | undefined): boolean =>
  isSameJson(targetsOf(a), b === undefined ? {} : targetsOf(b));

const targetsOf = (record: ClusterRecord) =>
  Object.fromEntries(targetGroups(record).map(({ targets, labels }) => [targets.join(), labels]));

/** A writer that lost a race pauses before it reads again; anything else, and the last race, is thrown. */
export async function afterRace(error: unknown, race: number, app: Pick<App, 'meter' | 'sleep' | 'random'>) {
  if (!(error instanceof ConflictError)) throw error;
  app.meter.count('RacesLost', 1);
  if (race === MAX_RACES) throw error;
  await app.sleep(50 * 2 ** race * (0.5 + app.random()));
}
