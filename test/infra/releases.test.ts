import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { LOCKED as TESTED_JMX } from '../../sandbox/exporters/jmx.ts';
import { readReleases, unlockedOf } from '../../scripts/exporters/releases.ts';

const releases = await readReleases();

test('the catalogue has the exporters of nodes, and Prometheus, Alertmanager, Grafana and Node for the host', () => {
  expect(releases.map(({ name, kind }) => [name, kind])).toEqual([
    ['graphite', 'exporter'],
    ['jmx', 'exporter'],
    ['node', 'exporter'],
    ['alertmanager', 'host'],
    ['grafana', 'host'],
    ['nodejs', 'host'],
    ['prometheus', 'host'],
  ]);
});

test.each(releases.map(({ name, locked }) => [name, locked] as const))(
  '%s says its licence, and has files for amd64 and arm64',
  (name, locked) => {
    expect(locked.license).toMatch(/^[A-Za-z0-9.-]+$/);
    expect(locked.origin).toBeUndefined();
    const keys = [...Object.keys(locked.artifacts), ...unlockedOf(locked).map(([key]) => key)].sort();
    // A jar runs on both.
    expect(keys).toEqual(name === 'jmx' ? ['agent', 'standalone'] : ['amd64', 'arm64']);
  },
);

test('what is locked are the checksums that are known, never others', () => {
  const locked = releases.flatMap(({ locked: { artifacts } }) =>
    Object.values(artifacts).map(({ file, sha256 }) => `${sha256}  ${file}`),
  );
  expect(locked).toEqual(
    expect.arrayContaining([
      '265b9d1e55ef0d5306a436018af6d2b686c2ce051f03d968f7464ecb1372a7e8  alertmanager-0.34.1.linux-amd64.tar.gz',
      '2a542df32eac02ee17b9d844fb2aa1de00dafa5476579ba8a3ba862e9d572ea0  prometheus-3.15.0.linux-amd64.tar.gz',
      'a95983fd96e865d2bcdf911cc500e7c82808c27ab9fd226bf96732b6c3d8c46e  jmx_prometheus_javaagent-1.6.0.jar',
      'ad35b605f9954b9f1ffddf5ba054bdc5a98d790b9eae5291e1eeb83f1ecbd0e7  node_exporter-1.12.1.linux-arm64.tar.gz',
      'b51d8a76aa2a9156a55d501aca6276fae09e262259a5e4e831d2c2222f084e63  node_exporter-1.12.1.linux-amd64.tar.gz',
      'd98d6cbaf52151c7e76e24355fec88b11cebcb9875d4cdd8b76ddce7a7e5535c  alertmanager-0.34.1.linux-arm64.tar.gz',
      'f1f90ec08e849d494ca66c611470afc50192f0355f1a61c33f2cbde02d067823  prometheus-3.15.0.linux-arm64.tar.gz',
    ]),
  );
});

test('what is not locked, and the release of jmx_exporter that was not tested, are named in docs/unproven.md', async () => {
  const page = await readFile('docs/unproven.md', 'utf8');
  for (const { locked } of releases) for (const [, file] of unlockedOf(locked)) expect(page).toContain(`\`${file}\``);
  const jmx = releases.find(({ name }) => name === 'jmx')?.locked.version;
  expect(page).toContain(`jmx_exporter ${jmx}; here ${TESTED_JMX.version}`);
});
