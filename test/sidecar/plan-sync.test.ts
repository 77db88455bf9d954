import { describe, expect, test } from 'vitest';
import type { ClusterId } from '../../shared/core/model.ts';
import { type ListedState, MAX_FILE_BYTES, planFetches, planVanished } from '../../sidecar/plan-sync.ts';

const settled = (refused: boolean): ListedState['settled'] => new Map([['j-A', { etag: '1', refused }]]);
const onDisk = new Set<ClusterId>(['j-A']);
const nowhere = new Set<ClusterId>();

describe('what to take over', () => {
  test.each<[string, string, ListedState['settled'], ReadonlySet<ClusterId>, readonly string[]]>([
    ['a new file', '1', new Map(), nowhere, ['fetch: new']],
    ['a file from before a restart', '1', new Map(), onDisk, ['fetch: new']],
    ['a changed file', '2', settled(false), onDisk, ['fetch: changed']],
    ['a file that was refused and changed', '2', settled(true), nowhere, ['fetch: changed']],
    ['a file as it was written', '1', settled(false), onDisk, []],
    ['a file that somebody deleted', '1', settled(false), nowhere, ['fetch: not on disk']],
    ['a file as it was refused', '1', settled(true), nowhere, []],
  ])('%s', (_name, etag, known, disk, expected) => {
    const listed = new Map<ClusterId, { etag: string; size: number }>([['j-A', { etag, size: 100 }]]);
    const plan = planFetches({ listed, onDisk: disk, settled: known, failing: new Set() });
    expect(plan.map(({ kind, reason }) => `${kind}: ${reason}`)).toEqual(expected);
  });

  test('a file over the limit is refused unread', () => {
    const listed = new Map<ClusterId, { etag: string; size: number }>([
      ['j-A', { etag: '1', size: MAX_FILE_BYTES }],
      ['j-B', { etag: '1', size: MAX_FILE_BYTES + 1 }],
    ]);
    const plan = planFetches({ listed, onDisk: nowhere, settled: new Map(), failing: new Set() });
    expect(plan.map(({ kind, id }) => [id, kind])).toEqual([
      ['j-A', 'fetch'],
      ['j-B', 'refuse'],
    ]);
  });

  test('what could not be read comes after all others, the longest waiting first', () => {
    const ids: readonly ClusterId[] = ['j-D', 'j-A', 'j-C', 'j-B'];
    const listed = new Map(ids.map((id) => [id, { etag: '1', size: 1 }]));
    const plan = planFetches({ listed, onDisk: nowhere, settled: new Map(), failing: new Set(['j-C', 'j-A']) });
    expect(plan.map(({ id }) => id)).toEqual(['j-B', 'j-D', 'j-C', 'j-A']);
  });
});

const holdMs = 600_000;

describe('what to do with a file whose key is not in S3', () => {
  test.each<[string, { ended?: boolean; accepted?: boolean; kept?: boolean; files: number; gone: number }, string]>([
    ['ended', { ended: true, files: 1, gone: 0 }, 'remove: ended'],
    ['ended, kept before', { ended: true, kept: true, files: 1, gone: 0 }, 'remove: ended'],
    ['accepted', { accepted: true, files: 1, gone: 0 }, 'remove: accepted'],
    ['accepted, kept before', { accepted: true, kept: true, files: 9, gone: 0 }, 'remove: accepted'],
    [
      'kept before, no longer over half',
      { kept: true, files: 9, gone: holdMs },
      'keep: over half of all keys vanished',
    ],
    ['the only file', { files: 1, gone: holdMs }, 'keep: over half of all keys vanished'],
    ['one of two files', { files: 2, gone: 0 }, 'hold: vanished without ended/'],
    ['gone a moment less than the hold', { files: 3, gone: holdMs - 1 }, 'hold: vanished without ended/'],
    ['gone for the hold', { files: 3, gone: holdMs }, 'remove: held'],
  ])('%s', (_name, { ended, accepted = false, kept, files, gone }, expected) => {
    const [action] = planVanished({
      files,
      vanished: new Map([['j-A', 1_000_000 - gone]]),
      ended: new Set(ended ? ['j-A'] : []),
      kept: new Set(kept ? ['j-A'] : []),
      accepted,
      now: 1_000_000,
      holdMs,
    });
    expect(`${action?.kind}: ${action?.reason}`).toBe(expected);
  });

  test('ended clusters do not count towards "over half", whatever the order', () => {
    const vanished = new Map<ClusterId, number>([
      ['j-C', 0],
      ['j-A', 0],
      ['j-B', 0],
    ]);
    const ended = new Set<ClusterId>(['j-B', 'j-C']);
    const plan = planVanished({ files: 4, vanished, ended, kept: new Set(), accepted: false, now: 0, holdMs });
    expect(plan.map(({ id, kind }) => [id, kind])).toEqual([
      ['j-A', 'hold'],
      ['j-B', 'remove'],
      ['j-C', 'remove'],
    ]);
  });
});
