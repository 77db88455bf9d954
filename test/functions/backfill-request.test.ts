import { describe, expect, test } from 'vitest';
import { backfill } from '../../functions/backfill.ts';
import { backfillWorld } from './backfill-world.ts';

describe('a request that does not hold names each field, what is there and what is expected:', () => {
  const CLUSTERS = 'a list of at least one cluster id; leave it out for every active cluster';
  const KEYS = 'is no key; expected one of clusterIds, dryRun, force, exporters, policies';
  test.each<[string, unknown, readonly string[]]>([
    ['a wrong id', { clusterIds: ['j-1', 'web'] }, ['clusterIds.1 is "web"; expected a cluster id: j- and capital']],
    ['an id in small letters', { clusterIds: ['j-1a'] }, ['clusterIds.0 is "j-1a"; expected a cluster id']],
    ['no list', { clusterIds: 'j-1' }, [`clusterIds is "j-1"; expected ${CLUSTERS}`]],
    ['an empty list', { clusterIds: [] }, [`clusterIds is []; expected ${CLUSTERS}`]],
    ['a word for dryRun', { dryRun: 'yes' }, ['dryRun is "yes"; expected true or false']],
    ['a number for force', { force: 1 }, ['force is 1; expected true or false']],
    ['an unknown exporter', { exporters: ['nod'] }, ['exporters.0 is "nod"; expected a list of at least one of node']],
    ['no exporter', { exporters: [] }, ['exporters is []; expected a list of at least one of node']],
    ['an unknown policy', { policies: { dryrun: true } }, ['policies.dryrun is no key; expected one of dryRun, pause']],
    [
      'a limit above all',
      { policies: { limitDeletes: '101%' } },
      ['policies.limitDeletes is "101%"; expected a whole'],
    ],
    ['an unknown field', { cluster: 'j-1' }, [`cluster ${KEYS}`]],
    ['a typo', { dryrun: true }, [`dryrun ${KEYS}`]],
    ['a list', [], ['the event is []; expected a mapping with the keys clusterIds']],
    ['two at once', { clusterIds: [7], dryRun: 1 }, ['clusterIds.0 is 7;', 'dryRun is 1;']],
  ])('%s', async (_title, event, words) => {
    const { app, rung } = backfillWorld();
    const error = await (async () => backfill(event, app))().catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'ConfigError', retryable: false });
    for (const word of words) expect(String(error)).toContain(word);
    expect(rung).toEqual([]);
  });
});
