import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ingressResources } from '../../scripts/package/build-network.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { readNetwork } from '../../scripts/package/network-parameters.ts';
import { prepareCfnLint } from '../../scripts/prepare/prepare-cfn-lint.ts';
import { template, templateText } from '../infra/template.ts';
import { GIVEN, templateWithAll } from './given.ts';

interface Finding {
  readonly Filename: string;
  readonly Rule: { readonly Id: string };
  readonly Message: string;
  readonly Location: { readonly Path: readonly (string | number)[] | null };
}

interface Ignored {
  readonly rules: readonly string[];
  readonly message: RegExp;
  /** Where it is not the message alone that decides. */
  readonly ifSo?: (named: string) => boolean;
  readonly because: string;
}

const OF_TEMPLATES: readonly Ignored[] = [
  {
    rules: ['W3005'],
    message: /^'\w+Role' dependency already enforced by a 'GetAtt'/,
    because: 'osls names the role of each function in DependsOn, too',
  },
  {
    rules: ['W2001'],
    message: /^Parameter (?:PrometheusSecurityGroup|PrometheusCidr|ClusterSecurityGroups) not used/,
    because: 'the next deploy reads in them what the last one had; the rules are made when the template is',
  },
];

/** What holds only of the whole that osls makes of them is checked in the packaged template. */
const OF_FILES: readonly Ignored[] = [
  {
    rules: ['W1100', 'W1101'],
    message: /^YAML alias|yaml marge/,
    because: 'osls resolves aliases; what is deployed is JSON',
  },
  {
    rules: ['E1010', 'E1019', 'E1020', 'E6101'],
    message: /^'(\w+)' is not one of/,
    ifSo: (id) => id in template.Resources || id in template.Parameters,
    because: 'a resource or parameter of another file, or a resource that osls makes',
  },
  { rules: ['E1019'], message: /^'(?:self|sls):[\w.]+' /, because: 'a variable of osls in Fn::Sub' },
  { rules: ['E2015'], message: /^Default should be/, because: 'the default is a variable of osls, ${param:…}' },
  {
    rules: ['E1028'],
    message: /^'(\w+)' is not one of/,
    ifSo: (id) => id in template.Conditions,
    because: 'a condition of another file',
  },
  {
    rules: ['W2001', 'W8001'],
    message: /^(?:Parameter|Condition) \w+ not used/,
    because: 'serverless.yml or another file uses it',
  },
  { rules: ['E1001'], message: /^'Resources' is a required property/, because: 'a file of parameters or outputs only' },
  {
    rules: ['E1001'],
    message: /'extensions' was unexpected/,
    because: 'changes resources that osls makes (its own section)',
  },
];

const folder = await mkdtemp(join(tmpdir(), 'cfn-lint-'));
afterAll(() => rm(folder, { recursive: true }));
const written = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

const templates = {
  'without parameters': await written('plain.json', templateText),
  'with every parameter': templateWithAll,
  'of the Prometheus host': 'infra/host/template.yml',
  'with the group of a Prometheus host': await written(
    'by-group.json',
    JSON.stringify({ ...template, Resources: { ...template.Resources, ...rulesFor('sg-0123456789abcdef2') } }),
  ),
};
const broken = await written(
  'broken.json',
  templateText.replaceAll('"VisibilityTimeout": 370', '"VisibilityTimeout": 50'),
);
const files = globSync('infra/resources/**/*.yml').toSorted();
function rulesFor(prometheusSecurityGroup: string) {
  const network = readNetwork({ prometheusSecurityGroup, clusterSecurityGroups: GIVEN.clusterSecurityGroups });
  return network && ingressResources(network, [{ from: 9100, to: 9108 }], 'prometheus-on-emr-dev');
}

/** Partitions differ in what they have: a resource type or runtime that one lacks is an error. */
const REGIONS = ['us-east-1', 'eu-west-1', 'cn-north-1', 'us-gov-west-1'];

const findings = await lint([...Object.values(templates), broken, ...files]);

async function lint(paths: readonly string[]): Promise<readonly Finding[]> {
  const { command, env } = await prepareCfnLint(cacheFolder(process.env));
  const [program = '', ...args] = command;
  // I3042: an ARN that names its partition. Findings make the exit code 2 to 14.
  const all = [
    ...args,
    '--template',
    ...paths,
    '--format',
    'json',
    '--include-checks',
    'I3042',
    '--regions',
    ...REGIONS,
  ];
  const { stdout } = await promisify(execFile)(program, all, {
    env: { ...process.env, ...env },
    maxBuffer: 2 ** 24,
  }).catch((error: { readonly stdout: string; readonly code: number }) => {
    if (error.code > 1) return error;
    throw error;
  });
  return JSON.parse(stdout) as readonly Finding[];
}

const isIgnored = ({ Rule, Message }: Finding, { rules, message, ifSo }: Ignored): boolean => {
  const match = message.exec(Message);
  return match !== null && rules.includes(Rule.Id) && (ifSo?.(match[1] ?? '') ?? true);
};
const left = (path: string, ignored: readonly Ignored[]): readonly string[] =>
  findings
    .filter((finding) => finding.Filename.endsWith(path) && !ignored.some((one) => isIgnored(finding, one)))
    .map(({ Rule, Message, Location }) => `${Rule.Id} ${(Location.Path ?? []).join('/')}: ${Message}`);

describe('cfn-lint', () => {
  test.each(Object.entries(templates))('accepts the packaged template %s', (_what, path) => {
    expect(left(path, OF_TEMPLATES)).toEqual([]);
  });

  test.each(files)('accepts %s', (path) => {
    expect(left(path, OF_FILES)).toEqual([]);
  });

  test('sees a mistake that CloudFormation would not: a queue that gives a message back while it is worked on', () => {
    expect(left(broken, OF_TEMPLATES)).toEqual([expect.stringMatching(/^E3505 .*VisibilityTimeout/)]);
  });

  test.each(
    [...OF_TEMPLATES, ...OF_FILES].map((ignored) => [ignored.rules.join(', '), ignored.because, ignored] as const),
  )('still says %s: %s', (_rules, _because, ignored) => {
    expect(findings.some((finding) => isIgnored(finding, ignored))).toBe(true);
  });
});

test('every parameter of serverless.yml has been given in one of the two', async () => {
  const yaml = parse(await readFile('serverless.yml', 'utf8'), { logLevel: 'error' }) as {
    readonly params: { readonly default: object };
  };
  // It excludes the network, and is looked at where the rules are made.
  const given = [...Object.keys(GIVEN), 'prometheusSecurityGroup'];
  expect(given.toSorted()).toEqual(Object.keys(yaml.params.default).toSorted());
});
