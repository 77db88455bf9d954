import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { readCatalogue } from '../../infra/exporters/catalogue.ts';
import { entry as jmx } from '../../infra/exporters/jmx/options.ts';
import { entry as node } from '../../infra/exporters/node/options.ts';
import { monitoringJsonSchema } from '../../scripts/config/monitoring-schema.ts';
import type { CatalogueEntry } from '../../shared/core/catalogue.ts';
import { OWN_LABELS } from '../../shared/core/labels.ts';
import { parseMonitoring } from '../../shared/core/parse-monitoring.ts';

const catalogue: readonly CatalogueEntry[] = [node];
const two: readonly CatalogueEntry[] = [node, { ...node, name: 'second', ports: 9200 }];

/** `path = value: expectation` of each problem. */
function problems(input: unknown, known = catalogue): readonly string[] {
  const parsed = parseMonitoring(input, known);
  if ('monitoring' in parsed) return [];
  return parsed.problems.map(
    ({ path, value, expected }) => `${path.join('.')} = ${JSON.stringify(value)}: ${expected}`,
  );
}

const withNode = (section: object): object => ({ exporters: { node: section } });
const PORT = 'a whole number from 1024 to 65535';
const INTERVAL = 'seconds from 5s to 120s';

test('what is left out has its default: every cluster and role, port 9100, asked every 15 s, no adoption, no policy but 100 %, a tenth at once', () => {
  expect(parseMonitoring(withNode({}), catalogue)).toEqual({
    monitoring: {
      clusters: { tags: {} },
      labels: { service: 'Service', project: 'Project' },
      exporters: {
        node: {
          enabled: true,
          roles: ['MASTER', 'CORE', 'TASK'],
          ports: { node: 9100 },
          scrapeInterval: '15s',
          options: { adopt: false },
        },
      },
      policies: { dryRun: false, pauseInstalls: false, limitDeletes: { share: 1 } },
      rollout: { atOnce: 0.1, failures: 0.1 },
    },
  });
});

test('an exporter that the file does not name is switched off', () => {
  expect(parseMonitoring({ exporters: {} }, catalogue)).toMatchObject({
    monitoring: { exporters: { node: { enabled: false } } },
  });
});

test('everything that is given is kept', () => {
  const given = {
    clusters: { tags: { Environment: ['production', ''], 'aws:cloudformation:stack-name': ['x'] } },
    labels: { team: 'Owner', _x9: 'Größe' },
  };
  const section = { enabled: false, roles: ['TASK'], scrapeInterval: '60s', options: { adopt: true } };
  const exporters = { node: { ...section, port: 1024 } };
  const policies = { dryRun: true, pauseInstalls: true, limitDeletes: 3 };
  const rollout = { atOnce: '25%', failures: '2.5%' };
  expect(parseMonitoring({ ...given, exporters, policies, rollout }, catalogue)).toEqual({
    monitoring: {
      ...given,
      exporters: { node: { ...section, ports: { node: 1024 } } },
      policies: { ...policies, limitDeletes: { nodes: 3 } },
      rollout: { atOnce: 0.25, failures: 0.025 },
    },
  });
});

describe('an exporter with several ports', () => {
  const many = [node, jmx];
  const ports = (given: object) => {
    const parsed = parseMonitoring({ exporters: { jmx: given } }, many);
    return 'monitoring' in parsed ? parsed.monitoring.exporters['jmx']?.ports : undefined;
  };

  test('has all of them unless told, and only those that are named', () => {
    expect(ports({})).toEqual(jmx.ports);
    expect(ports({ ports: { namenode: 18_000, zkfc: 18_001 } })).toEqual({ namenode: 18_000, zkfc: 18_001 });
    expect(ports({ ports: {} })).toEqual({});
  });

  test.each<[string, object, string]>([
    ['an unknown name', { namenodes: 18_000 }, 'exporters.jmx.ports.namenodes = 18000: one of the keys namenode, '],
    ['no port', { namenode: 'x' }, `exporters.jmx.ports.namenode = "x": ${PORT}`],
    ['a port of another exporter', { zkfc: 9100 }, 'exporters.jmx.ports.zkfc = 9100: a port of its own: node has'],
    ['a port twice', { namenode: 1e4, zkfc: 1e4 }, 'exporters.jmx.ports.zkfc = 10000: a port of its own: jmx namenode'],
  ])('is refused %s', (_what, given, expected) => {
    const found = problems({ exporters: { node: {}, jmx: { ports: given } } }, many);
    expect(found).toEqual([expect.stringContaining(expected)]);
  });
});

describe('a problem is named with path, value and expectation', () => {
  test.each<[string, unknown, string]>([
    ['nothing at all', null, ' = null: a mapping with the key exporters'],
    ['a list', [], ' = []: a mapping with the key exporters'],
    ['no exporters', {}, 'exporters = undefined: a mapping of exporters'],
    [
      'an unknown key',
      { exporters: {}, label: {} },
      'label = {}: one of the keys clusters, labels, exporters, policies, rollout',
    ],
    ['an unknown exporter', { exporters: { nod: {} } }, 'exporters.nod = {}: one of the keys node'],
    [
      'an unknown setting',
      withNode({ prot: 1 }),
      'exporters.node.prot = 1: one of the keys enabled, roles, port, scrapeInterval, options',
    ],
    [
      'an unknown option',
      withNode({ options: { adpot: true } }),
      'exporters.node.options.adpot = true: one of the keys adopt',
    ],
    ['a privileged port', withNode({ port: 1023 }), `exporters.node.port = 1023: ${PORT}`],
    ['a port beyond the last', withNode({ port: 65_536 }), `exporters.node.port = 65536: ${PORT}`],
    ['half a port', withNode({ port: 9100.5 }), `exporters.node.port = 9100.5: ${PORT}`],
    ['a port in quotes', withNode({ port: '9100' }), `exporters.node.port = "9100": ${PORT}`],
    ['yes for true', withNode({ enabled: 'yes' }), 'exporters.node.enabled = "yes": true or false'],
    [
      'an interval that is too short',
      withNode({ scrapeInterval: '4s' }),
      `exporters.node.scrapeInterval = "4s": ${INTERVAL}`,
    ],
    [
      'one that leaves gaps',
      withNode({ scrapeInterval: '121s' }),
      `exporters.node.scrapeInterval = "121s": ${INTERVAL}`,
    ],
    ['one without its unit', withNode({ scrapeInterval: 15 }), `exporters.node.scrapeInterval = 15: ${INTERVAL}`],
    [
      'an option of another type',
      withNode({ options: { adopt: 1 } }),
      'exporters.node.options.adopt = 1: true or false',
    ],
    [
      'an unknown role',
      withNode({ roles: ['MAIN'] }),
      'exporters.node.roles.0 = "MAIN": a list of at least one of MASTER, CORE, TASK',
    ],
    ['no role', withNode({ roles: [] }), 'exporters.node.roles = []: a list of at least one of MASTER, CORE, TASK'],
    [
      'an empty section',
      { exporters: { node: null } },
      'exporters.node = null: a mapping with the keys enabled, roles, port, scrapeInterval, options; {} for the defaults',
    ],
  ])('%s', (_name, input, expected) => {
    expect(problems(input)).toEqual([expected]);
  });

  const SHARE = 'a share above 0 and at most 100 %, such as 10%';
  test.each(['0%', '0.0%', '101%', '10', '-5%', '10 %', '1e1%', 0.1, 10, null])('the share %j', (given) => {
    expect(problems({ exporters: {}, rollout: { atOnce: given } })).toEqual([
      `rollout.atOnce = ${JSON.stringify(given)}: ${SHARE}`,
    ]);
  });

  test.each([-1, 1.5, '5', '0%', '120%', true])('the limit %j', (given) => {
    expect(problems({ exporters: {}, policies: { limitDeletes: given } })).toEqual([
      `policies.limitDeletes = ${JSON.stringify(given)}: a whole number of nodes, or a share above 0 and at most 100 %, such as 50%`,
    ]);
  });

  test.each<[unknown, object]>([
    [0, { nodes: 0 }],
    ['100%', { share: 1 }],
    ['0.5%', { share: 0.005 }],
  ])('but not the limit %j', (given, limitDeletes) => {
    expect(parseMonitoring({ exporters: {}, policies: { limitDeletes: given } }, catalogue)).toMatchObject({
      monitoring: { policies: { limitDeletes } },
    });
  });

  test('a policy that does not exist, and one that is neither true nor false', () => {
    expect(problems({ exporters: {}, policies: { dryrun: true } })).toEqual([
      'policies.dryrun = true: one of the keys dryRun, pauseInstalls, limitDeletes',
    ]);
    expect(problems({ exporters: {}, policies: { pauseInstalls: 'yes' } })).toEqual([
      'policies.pauseInstalls = "yes": true or false',
    ]);
  });

  test('an empty selection, which would watch nothing', () => {
    expect(problems({ clusters: { tags: { Project: [] } }, exporters: {} })).toEqual([
      expect.stringContaining('clusters.tags.Project = []: a list of at least one allowed value'),
    ]);
  });

  test('tags without a value, and values that YAML does not read as text', () => {
    expect(problems({ clusters: { tags: null }, exporters: {} })[0]).toContain('{} for every cluster');
    expect(problems({ clusters: { tags: { Env: [true] } }, exporters: {} })[0]).toContain('in quotes');
    expect(problems({ clusters: { tags: { '': ['x'] } }, exporters: {} })[0]).toContain('the name of a cluster tag');
  });
});

describe('label names', () => {
  test.each([...OWN_LABELS, 'le', 'quantile'])('a tag cannot become the label %s', (label) => {
    expect(problems({ labels: { [label]: 'X' }, exporters: {} })).toEqual([
      expect.stringContaining(`labels.${label} = "${label}": a label name that is not reserved (`),
    ]);
  });

  test("a tag cannot become a label of an exporter's own endpoints", () => {
    const input = { labels: { daemon: 'X' }, exporters: {} };
    expect(problems(input, [jmx])).toEqual([expect.stringContaining('not reserved (')]);
    expect(problems(input, [node])).toEqual([]);
  });

  test.each(['__address__', '__x', '9x', 'my-label', 'größe', '', 'a b'])('"%s" is no label name', (label) => {
    expect(problems({ labels: { [label]: 'X' }, exporters: {} })).toEqual([
      `labels.${label} = ${JSON.stringify(label)}: a label name: letters, digits and _, not beginning with a digit or with __`,
    ]);
  });
});

describe('ports', () => {
  const taken = (port: number) => [`exporters.second.port = ${port}: a port of its own: node has this one`];

  test('two exporters cannot have one port, given or standard', () => {
    expect(problems({ exporters: { node: { port: 9300 }, second: { port: 9300 } } }, two)).toEqual(taken(9300));
    expect(problems({ exporters: { node: { port: 9200 }, second: {} } }, two)).toEqual(taken(9200));
  });

  test('a switched-off exporter still holds its port, for nodes may have it', () => {
    expect(problems({ exporters: { node: { enabled: false }, second: { port: 9100 } } }, two)).toEqual(taken(9100));
  });

  test('an exporter that is not named holds no port', () => {
    expect(problems({ exporters: { second: { port: 9100 } } }, two)).toEqual([]);
  });
});

test('all problems are named in one go, a shared port among them', () => {
  const input = {
    clusters: { tags: { Project: [] } },
    labels: { job: 'X' },
    exporters: { node: { port: 9300, enabled: 1 }, second: { port: 9300 }, third: {} },
  };
  expect(problems(input, two).map((line) => line.split(' = ')[0])).toEqual(
    expect.arrayContaining([
      'clusters.tags.Project',
      'labels.job',
      'exporters.node.enabled',
      'exporters.second.port',
      'exporters.third',
    ]),
  );
});

test('monitoring.schema.json is made from the definition that validates (npm run config -- --write)', async () => {
  expect(JSON.parse(await readFile('monitoring.schema.json', 'utf8'))).toEqual(
    monitoringJsonSchema(await readCatalogue()),
  );
});

test('editors find the schema in the first line of monitoring.yml', async () => {
  expect(await readFile('monitoring.yml', 'utf8')).toMatch(
    /^# yaml-language-server: \$schema=\.\/monitoring\.schema\.json\n/,
  );
});
