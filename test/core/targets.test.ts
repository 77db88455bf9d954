import { expect, test } from 'vitest';
import { clusterLabels } from '../../shared/core/labels.ts';
import { renderTargets, targetGroups } from '../../shared/core/targets.ts';
import { aNode, aRecord, CLUSTER, installed, NODE, someWork } from './sample-record.ts';

const cluster = {
  id: CLUSTER,
  name: 'etl',
  state: 'RUNNING',
  releaseLabel: 'emr-7.5.0',
  collection: 'INSTANCE_GROUP',
  accountId: '123456789012',
  region: 'us-east-1',
  tags: { Project: 'Größe "x"\n', Empty: '' },
} as const;

const labels = clusterLabels(cluster, { project: 'Project', service: 'Service', empty: 'Empty' });
const scraped = (changes: object = {}) =>
  aRecord({ labels, nodes: { [NODE]: aNode({ zone: 'us-east-1a', exporters: { node: { installed } }, ...changes }) } });

test('an endpoint that answers is a target with every label of its node and cluster', () => {
  expect(targetGroups(scraped())).toEqual([
    {
      targets: ['10.0.0.1:9100'],
      labels: {
        account_id: '123456789012',
        availability_zone: 'us-east-1a',
        cluster_id: CLUSTER,
        cluster_name: 'etl',
        cluster_role: 'CORE',
        instance: NODE,
        instance_type: 'm5.xlarge',
        job: 'node',
        market: 'ON_DEMAND',
        node_name: 'ip-10-0-0-1.ec2.internal',
        project: 'Größe "x"\n',
        region: 'us-east-1',
        release_label: 'emr-7.5.0',
      },
    },
  ]);
});

test('what is unknown of a node is no label', () => {
  const { dnsName: _, zone: __, ...bare } = aNode({ exporters: { node: { installed } } });
  const [group] = targetGroups(aRecord({ nodes: { [NODE]: bare } }));
  expect(Object.keys(group?.labels ?? {})).not.toContain('node_name');
  expect(Object.keys(group?.labels ?? {})).not.toContain('availability_zone');
});

test('a node under work, leaving or refused to be forgotten keeps its targets', () => {
  const exporters = { node: { installed, work: someWork({ phase: 'failed', attempt: 1 }) } };
  expect(targetGroups(scraped({ exporters, leaving: true, state: 'TERMINATED' }))).toHaveLength(1);
});

test('a node without address or without installed exporter is no target', () => {
  const { address: _, ...nowhere } = aNode({ exporters: { node: { installed } } });
  expect(targetGroups(aRecord({ nodes: { [NODE]: nowhere } }))).toEqual([]);
  expect(targetGroups(scraped({ exporters: { node: { work: someWork() } } }))).toEqual([]);
});

test('a tag cannot displace a label of ours', () => {
  const spoofing = { ...cluster, tags: { Evil: 'evil' } };
  expect(clusterLabels(spoofing, { cluster_id: 'Evil', region: 'Evil' })).toMatchObject({
    cluster_id: CLUSTER,
    region: 'us-east-1',
  });
});

test('what a node reports of its endpoint cannot displace a label of ours, nor a mapped one', () => {
  const reported = { cluster_id: 'evil', project: 'evil', instance: 'evil', job: 'evil', daemon: 'namenode' };
  const exporters = { jmx: { installed: { ...installed, endpoints: [{ port: 17_101, labels: reported }] } } };
  expect(targetGroups(scraped({ exporters }))[0]?.labels).toMatchObject({
    cluster_id: CLUSTER,
    project: 'Größe "x"\n',
    instance: NODE,
    job: 'jmx',
    daemon: 'namenode',
  });
});

test('no targets are an empty list, which Prometheus reads as such', () => {
  expect(renderTargets([])).toBe('[]\n');
});

test('a file is one line for each group, sorted, with sorted keys', () => {
  const groups = [
    { targets: ['10.0.0.2:9100'], labels: { job: 'node', instance: 'b' } },
    { targets: ['10.0.0.1:9100', '10.0.0.1:9099'], labels: { instance: 'a' } },
  ];
  expect(renderTargets(groups)).toBe(
    '[\n  {"labels":{"instance":"a"},"targets":["10.0.0.1:9099","10.0.0.1:9100"]},\n' +
      '  {"labels":{"instance":"b","job":"node"},"targets":["10.0.0.2:9100"]}\n]\n',
  );
});
