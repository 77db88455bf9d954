import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { REGIONS } from '../../../scripts/aws/identity.ts';
import { readDeployOptions } from '../../../scripts/deploy/deploy-options.ts';
import { readRemoveOptions } from '../../../scripts/remove/remove-options.ts';

const read = (...args: readonly string[]) => readDeployOptions('deploy', args, {});

test('stage, Region and parameters are read; a value may hold an equals sign, or be empty', () => {
  const args = ['--stage', 'prod-eu', '--region', 'eu-west-1', '--param', 'a=b=c', '--param', 'd='];
  expect(read(...args)).toEqual({
    place: { stage: 'prod-eu', region: 'eu-west-1' },
    given: { a: 'b=c', d: '' },
    problems: [],
    isPlaceWrong: false,
  });
  expect(readDeployOptions('deploy', [], { AWS_REGION: 'cn-north-1' }).place).toEqual({
    stage: 'dev',
    region: 'cn-north-1',
  });
});

test.each<[string, readonly string[], RegExp]>([
  ['capital letters', ['--stage', 'Prod'], /^--stage is "Prod": expected small letters, .*; for example prod$/],
  ['an underscore', ['--stage', 'prod_eu'], /^--stage is "prod_eu": .*; for example prod-eu$/],
  ['nothing', ['--stage', ''], /^--stage is "": .*; for example prod$/],
  ['a hyphen at the end', ['--stage', 'prod-'], /^--stage is "prod-": .*; for example prod$/],
  ['38 letters', ['--stage', 'a'.repeat(38)], /at most 37 in all/],
  ["serverless.yml's word", ['--stage', 'default'], /^--stage is "default": .*; for example prod$/],
  [
    'an unknown Region',
    ['--region', 'eu-wst-1'],
    /^--region is "eu-wst-1": no Region of AWS's; did you mean eu-west-1\?$/,
  ],
  ['no Region at all', ['--region', 'mars'], /^--region is "mars": no Region of AWS's$/],
  [
    'a parameter without value',
    ['--param', 'logRetentionDays'],
    /^--param is "logRetentionDays": expected name=value, for example/,
  ],
])('%s: refused with field, value and fix', (_title, args, words) => {
  const { problems, isPlaceWrong } = read(...args);
  expect(problems).toEqual([expect.stringMatching(words)]);
  expect(isPlaceWrong).toBe(!args.includes('--param'));
});

test('a typo in an option is answered with the options', () => {
  expect(() => read('--stag', 'prod')).toThrow(/^Unknown option '--stag'[^]*npm run deploy -- \[options\]/);
});

test('a stage of 37 letters still makes names that Lambda takes', () => {
  const { stage } = read('--stage', 'a'.repeat(37)).place;
  expect(`prometheus-on-emr-${stage}-on-event`).toHaveLength(64);
});

test('what npm keeps for itself is told', () => {
  expect(() => readDeployOptions('deploy', [], { npm_config_stage: 'prod' })).toThrow(
    'npm kept --stage for itself: write npm run deploy -- --stage …',
  );
});

test('every Region that osls deploys to is known', () => {
  const provider = readFileSync('node_modules/osls/lib/plugins/aws/provider.js', 'utf8');
  const [, list = ''] = /region: \{\s+enum: \[([^\]]+)\]/.exec(provider) ?? [];
  const theirs = [...list.matchAll(/'([a-z0-9-]+)'/g)].map(([, region = '']) => region);
  expect(theirs.length).toBeGreaterThan(30);
  expect([...REGIONS].toSorted()).toEqual(theirs.toSorted());
});

test.each<[string, readonly string[], RegExp]>([
  ['a bucket without --purge', ['--bucket', 'b'], /^--bucket is for --purge: give both$/],
  ['half a minute', ['--minutes', '0.5'], /^--minutes is "0.5": expected a whole number above 0$/],
  ['capital letters', ['--stage', 'Prod'], /^--stage is "Prod"/],
  ['an unknown Region', ['--region', 'eu-wst-1'], /did you mean eu-west-1/],
])('remove, %s: refused with field, value and fix', (_title, args, words) => {
  const stage = args.includes('--stage') ? [] : ['--stage', 'dev'];
  expect(() => readRemoveOptions([...stage, ...args], {})).toThrow(words);
});

test('remove takes nothing away that was not named', () => {
  expect(() => readRemoveOptions(['--region', 'eu-west-1'], {})).toThrow(
    /^--stage: name the deployment that is to go, for example --stage dev\n/,
  );
});
