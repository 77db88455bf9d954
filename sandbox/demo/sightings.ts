import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import type { ActiveTarget } from './prometheus.ts';

/** When one endpoint was first seen on each leg of its way; milliseconds since the epoch. */
export interface Sighting {
  readonly inS3?: number;
  readonly onDisk?: number;
  readonly listed?: number;
  readonly up?: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Sources {
  /** Bodies of the target files in S3. */
  readonly published: () => readonly string[];
  /** The folder that Prometheus watches. */
  readonly folder: string;
  readonly targets: () => Promise<readonly ActiveTarget[]>;
}

export interface Sightings {
  /** By instance id; gone again when Prometheus no longer lists the endpoint. */
  current(): ReadonlyMap<string, Sighting>;
  /** Resolves once `isThere` holds; rejects after `deadlineMs`, naming `what` and what was seen instead. */
  until(what: string, isThere: (seen: ReadonlyMap<string, Sighting>) => boolean, deadlineMs: number): Promise<void>;
  stop(): void;
}

const EVERY_MS = 100;

/** Looks at S3, disk and Prometheus ten times a second: the demo's figures are as precise as that. */
export function watchTargets({ published, folder, targets }: Sources): Sightings {
  let seen = new Map<string, Sighting>();
  let isStopped = false;
  const look = async (): Promise<void> => {
    const at = Date.now();
    const inS3 = instancesOf(published());
    const onDisk = instancesOf(await readFolder(folder));
    const listed = new Map((await targets()).map((target) => [target.labels['instance'] ?? '', target]));
    const ids = new Set([...inS3, ...onDisk, ...listed.keys()]);
    seen = new Map(
      [...ids].map((id) => {
        const before = seen.get(id);
        const target = listed.get(id);
        return [
          id,
          {
            ...sinceWhen('inS3', before, inS3.has(id), at),
            ...sinceWhen('onDisk', before, onDisk.has(id), at),
            ...sinceWhen('listed', before, target !== undefined, at),
            ...sinceWhen('up', before, target?.health === 'up', at),
            labels: target?.labels ?? before?.labels ?? {},
          },
        ];
      }),
    );
  };
  return {
    current: () => seen,
    async until(what, isThere, deadlineMs) {
      const deadline = Date.now() + deadlineMs;
      for (await look(); !isThere(seen); await look()) {
        if (isStopped) throw new Error(`stopped while waiting: ${what}`);
        if (Date.now() > deadline)
          throw new Error(`not within ${deadlineMs / 1000} s: ${what}; seen ${describe(seen)}`);
        await new Promise((done) => setTimeout(done, EVERY_MS));
      }
    },
    stop() {
      isStopped = true;
    },
  };
}

type Leg = 'inS3' | 'onDisk' | 'listed' | 'up';

const sinceWhen = (leg: Leg, before: Sighting | undefined, isNow: boolean, at: number): Partial<Record<Leg, number>> =>
  isNow ? { [leg]: before?.[leg] ?? at } : {};

const instancesOf = (bodies: readonly string[]): ReadonlySet<string> =>
  new Set(bodies.flatMap((body) => parseTargets(body).map(({ labels }) => labels['instance'] ?? '')));

async function readFolder(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json'));
  // A file may go between the two calls.
  const bodies = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8').catch(() => '[]')));
  return bodies;
}

const describe = (seen: ReadonlyMap<string, Sighting>): string =>
  JSON.stringify([...seen].map(([id, { labels: _, ...legs }]) => ({ id, legs: Object.keys(legs) })));
