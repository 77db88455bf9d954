import { describe, expect, test } from 'vitest';
import { readCatalogue } from '../../../infra/exporters/catalogue.ts';
import { buildDocuments } from '../../../scripts/package/build-documents.ts';
import { buildSettings, installable } from '../../../scripts/package/build-settings.ts';
import { lockedExporter, readExportersLock } from '../../../scripts/exporters/exporters-lock.ts';
import { parseMonitoring } from '../../../shared/core/parse-monitoring.ts';

const catalogue = await readCatalogue();

const node = lockedExporter(await readExportersLock(), 'node');
const lock = { node };
const documents = await buildDocuments(lock);

function settings(input: unknown, parts: { readonly lock?: typeof lock; readonly documents?: typeof documents } = {}) {
  const parsed = parseMonitoring(input, catalogue);
  if (!('monitoring' in parsed)) throw new Error(JSON.stringify(parsed.problems));
  return buildSettings({ monitoring: parsed.monitoring, catalogue, documents, lock, ...parts });
}

const STANDARD = settings({ exporters: { node: {} } });
const nodeOf = ({ exporters }: typeof STANDARD) => exporters.find(({ name }) => name === 'node');

test('the functions are told selection, labels, policies, rollout, and of node_exporter version, roles, parameters and artifacts', () => {
  expect(STANDARD).toEqual({
    hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    selection: { tags: {} },
    labels: { project: 'Project', service: 'Service' },
    exporters: [
      {
        name: 'node',
        version: '1.12.1',
        revision: expect.stringMatching(/^[0-9a-f]{12}$/),
        roles: ['CORE', 'MASTER', 'TASK'],
        parameters: { Adopt: 'false', Port: '9100' },
        artifacts: {
          UrlAmd64: 'artifacts/node/1.12.1/node_exporter-1.12.1.linux-amd64.tar.gz',
          UrlArm64: 'artifacts/node/1.12.1/node_exporter-1.12.1.linux-arm64.tar.gz',
        },
      },
    ],
    policies: { dryRun: false, pauseInstalls: false, limitDeletes: { share: 1 } },
    rollout: { atOnce: 0.1, failures: 0.1 },
  });
});

test('the same configuration in another order is the same bytes', () => {
  const one = settings({
    clusters: { tags: { A: ['x', 'y', 'y'], B: ['z'] } },
    labels: { a: 'A', b: 'B' },
    exporters: { node: { roles: ['CORE', 'TASK'] } },
  });
  const other = settings({
    exporters: { node: { roles: ['TASK', 'CORE', 'TASK'] } },
    labels: { b: 'B', a: 'A' },
    clusters: { tags: { B: ['z'], A: ['y', 'x'] } },
  });
  expect(JSON.stringify(other)).toBe(JSON.stringify(one));
});

describe('the hash changes with', () => {
  test.each<[string, unknown]>([
    ['the selection', { clusters: { tags: { A: ['x'] } }, exporters: { node: {} } }],
    ['the labels', { labels: {}, exporters: { node: {} } }],
    ['the roles', { exporters: { node: { roles: ['TASK'] } } }],
    ['the port', { exporters: { node: { port: 9101 } } }],
    ['an option', { exporters: { node: { options: { adopt: true } } } }],
    ['the switch', { exporters: { node: { enabled: false } } }],
    ['a policy', { exporters: { node: {} }, policies: { limitDeletes: 5 } }],
    ['the rollout', { exporters: { node: {} }, rollout: { failures: '20%' } }],
  ])('%s', (_name, input) => {
    expect(settings(input).hash).not.toBe(STANDARD.hash);
  });

  test('the version that is locked', () => {
    expect(settings({ exporters: { node: {} } }, { lock: { node: { ...lock.node, version: '9.9.9' } } }).hash).not.toBe(
      STANDARD.hash,
    );
  });
});

describe('the revision, with which nodes are installed anew,', () => {
  test.each<[string, unknown]>([
    ['the port', { exporters: { node: { port: 9101 } } }],
    ['an option', { exporters: { node: { options: { adopt: true } } } }],
  ])('changes with %s', (_name, input) => {
    expect(nodeOf(settings(input))?.revision).not.toBe(nodeOf(STANDARD)?.revision);
  });

  test('changes with the document', () => {
    const changed = documents.map((document) => ({ ...document, hash: `${document.hash}x` }));
    expect(nodeOf(settings({ exporters: { node: {} } }, { documents: changed }))?.revision).not.toBe(
      nodeOf(STANDARD)?.revision,
    );
  });

  test('stays when only roles, labels or selection change', () => {
    const other = settings({ clusters: { tags: { A: ['x'] } }, labels: {}, exporters: { node: { roles: ['TASK'] } } });
    expect(nodeOf(other)?.revision).toBe(nodeOf(STANDARD)?.revision);
  });
});

test('a switched-off exporter is wanted on no role, and stays among the exporters', () => {
  expect(nodeOf(settings({ exporters: { node: { enabled: false } } }))?.roles).toEqual([]);
  expect(nodeOf(settings({ exporters: {} }))?.roles).toEqual([]);
});

test('an architecture without a locked file has no artifact', () => {
  const { amd64 } = lock.node.artifacts;
  const only = { node: { ...lock.node, artifacts: amd64 === undefined ? {} : { amd64 } } };
  expect(Object.keys(nodeOf(settings({ exporters: { node: {} } }, { lock: only }))?.artifacts ?? {})).toEqual([
    'UrlAmd64',
  ]);
});

test('an exporter that the lock does not have, or not as its options need it, is left out, and said', () => {
  const parsed = parseMonitoring({ exporters: { node: {}, jmx: {} } }, catalogue);
  if (!('monitoring' in parsed)) throw new Error('not valid');
  const { monitoring } = parsed;
  const jar = { file: 'a.jar', sha256: '0'.repeat(64) };
  const jmx = (name: string) => ({ version: '1.0.1', module: 'github.com/a/b', artifacts: { [name]: jar } });
  const names = ({ lock: kept, unlocked }: ReturnType<typeof installable>) => [Object.keys(kept), unlocked];
  expect(names(installable({ node: lock.node }, monitoring, catalogue))).toEqual([['node'], ['jmx']]);
  expect(names(installable({ node: lock.node, jmx: jmx('agent') }, monitoring, catalogue))).toEqual([
    ['node'],
    ['jmx'],
  ]);
  expect(names(installable({ node: lock.node, jmx: jmx('standalone') }, monitoring, catalogue))).toEqual([
    ['jmx', 'node'].toSorted().reverse(),
    [],
  ]);
  const exporters = { ...monitoring.exporters, jmx: { ...monitoring.exporters['jmx'], enabled: false } };
  expect(installable({ node: lock.node }, { ...monitoring, exporters } as never, catalogue).unlocked).toEqual([]);
  expect(settings({ exporters: { node: {}, jmx: {} } }).exporters.map(({ name }) => name)).toEqual(['node']);
});

test('an exporter without document is refused by name', () => {
  expect(() => settings({ exporters: { node: {} } }, { documents: [] })).toThrow(/^node is in the catalogue/);
});
