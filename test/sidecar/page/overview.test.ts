import { describe, expect, test } from 'vitest';
import { AGENT_OFFLINE } from '../../../shared/core/decide.ts';
import type { ClusterId } from '../../../shared/core/model.ts';
import { type Known, nothingKnown } from '../../../sidecar/known.ts';
import { pageOf } from '../../../sidecar/page/pages.ts';
import type { View } from '../../../sidecar/page/view.ts';
import { aNode, idOf, unfinished } from './page-records.ts';
import { aView, knownOf, NOW } from './page-view.ts';

/** The text of a page, tags left out, white space as a browser shows it. */
const read = (view: View, path = '/'): string =>
  pageOf(path, view)
    .body.replace(/<(head|style)>.*<\/\1>/s, '')
    .replaceAll(/<br \/>|<\/(?:t[dhr]|dt|dd|li|p|h\d)>/g, ' ')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ');

const waiting = (minutes: number) => unfinished(NOW, 'node', minutes, { phase: 'waiting', reason: AGENT_OFFLINE });
const withNode = (minutes: number): View =>
  aView({ known: knownOf('j-A', { [idOf(1, 0)]: aNode(NOW, 0, { node: waiting(minutes) }) }) });

const givenUp = (ids: readonly ClusterId[]): Known => {
  const work = { phase: 'gaveUp', reason: 'exit 1' } as const;
  const known = ids.map((id) =>
    knownOf(id, { [idOf(1, 0)]: aNode(NOW, 0, { node: unfinished(NOW, 'node', 1, work) }) }),
  );
  return { ...knownOf('j-A', {}), statuses: new Map(known.flatMap(({ statuses }) => [...statuses])) };
};

describe('the state at the top', () => {
  test('is calm when all is well', () => {
    expect(read(aView())).toContain('Nothing needs you.');
    expect(read(aView())).not.toContain('What to look at');
  });

  test.each<[string, View, string]>([
    [
      'S3 that does not answer',
      aView({ complaints: new Map([['list targets', { message: 'sync failed', error: 'no <answer>', since: NOW }]]) }),
      'list targets: sync failed, since 0 s ago (03:00 UTC). no &#60;answer&#62;',
    ],
    [
      'a pass that is late',
      aView({ now: new Date(NOW.getTime() + 61_000) }),
      'Targets are not up to date: the last good pass ended 61 s ago',
    ],
    [
      'files kept',
      aView({}, { vanished: new Map([['j-X', { kind: 'keep', reason: 'over half', since: 0 }]]) }),
      '1 target file kept: over half of all keys vanished',
    ],
    [
      'files held',
      aView({}, { vanished: new Map([['j-X', { kind: 'hold', reason: 'vanished', since: 0 }]]) }),
      '1 target file held: vanished from S3',
    ],
    [
      'files refused',
      aView({}, { refused: new Map([['j-X', 'not JSON']]) }),
      'targets/j-X.json is refused, the last good one stays: not JSON',
    ],
    [
      'an agent that is offline for 10 minutes',
      withNode(10),
      '1 exporter on nodes of 1 cluster without an SSM agent for over 10 minutes: see docs/runbooks/NodesUnreachable.md',
    ],
    [
      'an install that was given up',
      aView({ known: givenUp(['j-A']) }),
      'given up: mend the reason below, then npm run backfill -- --stage … --region us-east-1 --force j-A',
    ],
    ['three', aView({ known: givenUp(['j-A', 'j-B', 'j-C']) }), '--force j-A j-B j-C '],
    [
      'more than three',
      aView({ known: givenUp(['j-A', 'j-B', 'j-C', 'j-D']) }),
      '--region us-east-1 --force, which without cluster ids is for all active clusters ',
    ],
  ])('says %s', (_name, view, words) => {
    expect(read(view)).toContain('1 thing to look at.');
    expect(read(view)).toContain(words);
  });

  test('is not calm before S3 has answered, and all of it is on disk', () => {
    expect(read(aView({ known: nothingKnown() }))).toContain('1 thing to look at.');
    expect(read(aView({ known: nothingKnown() }))).toContain('No good pass yet');
  });

  test('does not ring for an agent that may still come', () => {
    expect(read(withNode(9))).toContain('Nothing needs you.');
    expect(read(withNode(9))).toContain('node: waits for the SSM agent 9 min ago (02:51 UTC) SSM agent is not online');
  });

  test('says twenty things at most', () => {
    const refused = new Map(Array.from({ length: 60 }, (_, n) => [`j-${n}` as ClusterId, 'bad'] as const));
    expect(read(aView({}, { refused }))).toContain('and 40 more');
  });
});

test('a file that vanished says why it is there, since when and for how long still', () => {
  const vanished = new Map([
    ['j-X' as ClusterId, { kind: 'hold', reason: 'vanished without ended/', since: 3_480_000 } as const],
  ]);
  expect(read(aView({}, { vanished }))).toContain('j-X 0 targets vanished without ended/ for 2 min for 8 min more');
});

describe('without any cluster', () => {
  test('the page says so once the records have been read', () => {
    expect(read(aView({ known: { ...nothingKnown(), last: new Map([['look', NOW]]) } }))).toContain('No cluster yet.');
  });

  test('it does not say so before', () => {
    expect(read(aView({ known: nothingKnown() }))).toContain('The records have not been read yet.');
    expect(read(aView({ known: nothingKnown() }))).toContain('Last good pass never yet');
  });
});

test('rules and dashboards are shown where this sidecar brings them', () => {
  const content = { hash: 'abc123', files: ['rules/a.yml'], lastSuccess: NOW, problem: 'line 3: no' };
  expect(read(aView())).not.toContain('Rules and dashboards');
  expect(read(aView({ content }))).toContain(
    'Set in use abc123 Files 1 Last success 0 s ago (03:00 UTC) Problem line 3: no',
  );
});

describe('the page of a cluster', () => {
  test('has its nodes, targets and what is not done, with reason and time', () => {
    const page = read(withNode(30), '/clusters/j-A');
    expect(page).toContain('etl-nightly j-A State RUNNING Release emr-7.9.0 Region us-east-1');
    expect(page).toContain('Nodes 1 MASTER ON_DEMAND m7g.2xlarge Leaving none Targets node 1');
    expect(page).toContain(
      `${idOf(1, 0)} MASTER node: waits for the SSM agent 30 min ago (02:30 UTC) SSM agent is not online`,
    );
  });

  test('says that there is a file only, where there is no record', () => {
    const known = { ...nothingKnown(), targets: new Map([['j-X' as ClusterId, new Map([['node', 3]])]]) };
    expect(read(aView({ known }), '/clusters/j-X')).toContain(
      'There is no record of this cluster, and a file with 3 targets on disk',
    );
  });

  test('is not found where there is neither', () => {
    expect(pageOf('/clusters/j-Z', aView()).status).toBe(404);
  });

  test('of a cluster that is not watched says so', () => {
    const known = knownOf('j-A', {}, { selected: false, name: '' });
    expect(read(aView({ known }))).toContain('j-A (no name) RUNNING, not watched nothing yet');
  });
});

test('of 700 clusters 500 are shown, those in need first, and the rest is counted', () => {
  const statuses = new Map(
    Array.from({ length: 700 }, (_, n) => {
      const [status] = (n === 699 ? withNode(30) : aView()).known.statuses.values();
      return [`j-${1000 + n}` as ClusterId, status as NonNullable<typeof status>] as const;
    }),
  );
  const page = pageOf('/', aView({}, { statuses })).body;
  expect(page.match(/<th scope="row">/g)).toHaveLength(501);
  expect(page).toContain('and 200 more');
  const [, pending, clusters = ''] = page.split('<table>');
  expect(pending).toContain('/clusters/j-1699');
  expect(/j-\d+/.exec(clusters)).toEqual(expect.arrayContaining(['j-1699']));
});
