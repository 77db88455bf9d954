import { expect, test } from 'vitest';
import type { Settings } from '../../shared/core/settings.ts';
import { readConfig } from '../../shared/runtime/config.ts';

const exporter = { version: '1', revision: 'r', roles: [], parameters: {}, artifacts: {} };
const settings: Settings = {
  hash: 'h',
  selection: { tags: {} },
  labels: {},
  exporters: [{ name: 'node', ...exporter }],
  policies: { dryRun: false, pauseInstalls: false, limitDeletes: { share: 1 } },
  rollout: { atOnce: 0.1, failures: 0.1 },
};
const env = {
  AWS_REGION: 'us-east-1',
  BUCKET: 'prometheus-on-emr-dev',
  DOORBELL_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/doorbells',
  DOCUMENT_NODE_INSTALL: 'prometheus-on-emr-dev-node-install-0123456789ab',
  DOCUMENT_NODE_UNINSTALL: 'prometheus-on-emr-dev-node-uninstall-0123456789ab',
  RETIRE: 'false',
};

test('a whole environment is read into one frozen object', () => {
  const config = readConfig(env, settings);
  expect(config).toEqual({
    region: 'us-east-1',
    bucket: 'prometheus-on-emr-dev',
    doorbellQueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/doorbells',
    documents: {
      node: {
        install: 'prometheus-on-emr-dev-node-install-0123456789ab',
        remove: 'prometheus-on-emr-dev-node-uninstall-0123456789ab',
      },
    },
    isRetiring: false,
  });
  expect([config, config.documents, config.documents['node']].every(Object.isFrozen)).toBe(true);
});

test('an empty environment names every variable in one go', () => {
  expect(() => readConfig({}, settings)).toThrow(
    new RegExp(
      Object.keys(env)
        .toSorted()
        .map((name) => `(?=.*${name} is missing: expected )`)
        .join(''),
    ),
  );
});

test.each([
  ['BUCKET', '', 'is missing'],
  ['BUCKET', 'My_Bucket', 'is "My_Bucket": expected a bucket name'],
  ['BUCKET', 'dotted.bucket', 'expected a bucket name without dots'],
  ['DOORBELL_QUEUE_URL', 'doorbells', 'expected the URL of an SQS queue'],
  ['DOCUMENT_NODE_INSTALL', 'no spaces', "expected an SSM document's name"],
  ['AWS_REGION', '', 'is missing'],
  ['RETIRE', 'yes', 'expected true or false'],
])('%s "%s" %s', (name, value, problem) => {
  expect(() => readConfig({ ...env, [name]: value }, settings)).toThrow(problem);
});

test('a bad environment is for a person to mend, and says nothing of what was fine', () => {
  const bad = () => readConfig({ ...env, AWS_REGION: '', AWS_SECRET_ACCESS_KEY: 'hush' }, settings);
  expect(bad).toThrow(
    expect.objectContaining({ name: 'ConfigError', message: 'environment: AWS_REGION is missing: expected one word' }),
  );
});

test('each exporter of the settings needs its two documents, under its own name', () => {
  const two = { ...settings, exporters: [...settings.exporters, { name: 'spark-graphite', ...exporter }] };
  expect(() => readConfig(env, two)).toThrow(
    /DOCUMENT_SPARK_GRAPHITE_INSTALL is missing.*DOCUMENT_SPARK_GRAPHITE_UNINSTALL is missing/,
  );
});
