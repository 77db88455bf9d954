import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { renewParameterTable } from '../../../scripts/package/parameter-table.ts';
import {
  chooseValues,
  paramOptions,
  readStackParameters,
  valuesOfStage,
  wrongValues,
} from '../../../scripts/package/stack-parameters.ts';
import { parse } from 'yaml';
import { exampleOf } from './example-of.ts';

const all = await readStackParameters();

describe('every parameter of serverless.yml', () => {
  test('is one of the template, with a description and a check of its values, and no other is', async () => {
    const { params } = parse(await readFile('serverless.yml', 'utf8'), { logLevel: 'error' }) as {
      readonly params: { readonly default: object };
    };
    expect(all.map(({ name }) => name)).toEqual(Object.keys(params.default));
    for (const { name, id, description, pattern, constraint = '', values } of all) {
      expect(id).toBe(name.charAt(0).toUpperCase() + name.slice(1));
      expect(description).not.toBe('');
      expect(pattern ?? values).toBeDefined();
      const example = values?.[0] ?? exampleOf(constraint);
      expect([name, example, [...wrongValues(all, { [name]: example })]]).toEqual([
        name,
        expect.stringMatching(/./),
        [],
      ]);
    }
  });

  test('has a default that its own check takes', () => {
    const defaults = Object.fromEntries(all.map(({ name, fallback }) => [name, fallback]));
    expect([...wrongValues(all, defaults)]).toEqual([]);
  });

  test('is in docs/deploy.md as the template describes it', async () => {
    const page = await readFile('docs/deploy.md', 'utf8');
    expect(page).toBe(renewParameterTable(page, all));
  });
});

describe('what CloudFormation would refuse', () => {
  test.each([
    ['existingBucket', 'dotted.bucket', /without dots/],
    [
      'existingBucket',
      'Capital',
      /expected a bucket's name in small letters.*such as our-monitoring, or nothing \(A bucket that exists already/,
    ],
    ['logRetentionDays', '15', /expected one of 1, 3, 5, 7, 14, .*Days for which/],
    [
      'prometheusSecurityGroup',
      'sg-1',
      /such as sg-0123456789abcdef0, or nothing \(Security group of the Prometheus host/,
    ],
    ['prometheusCidr', '10.1.2.3', /such as 10\.1\.2\.0\/24/],
    ['clusterSecurityGroups', 'sg-0a1b2c3d;sg-0a1b2c3e', /separated by commas/],
    ['alarmTopic', 'my-topic', /ARN of a standard SNS topic/],
    ['tracing', 'yes', /expected one of false, true \(/],
  ])('%s=%s is refused by name, value and expectation', (name, value, words) => {
    const said = wrongValues(all, { [name]: value }).get(name) ?? '';
    expect(said).toContain(`--param ${name} is "${value}": expected `);
    expect(said).toMatch(words);
    expect(said).not.toMatch(/[$^]/);
  });

  test('is told all at once, an unknown name with the one that was meant', () => {
    const wrong = { logRetentionDay: '30', tracing: 'on', retire: 'true' };
    expect([...wrongValues(all, wrong).values()]).toEqual([
      expect.stringMatching(/^--param logRetentionDay: no such parameter; did you mean logRetentionDays\?/),
      expect.stringMatching(/^--param tracing is "on"/),
      expect.stringMatching(/^--param retire: no such parameter/),
    ]);
  });
});

describe('the value of a parameter', () => {
  const logs = all.find(({ name }) => name === 'logRetentionDays');
  const choose = (given: object, ofStage: object, deployed: object) => {
    const { values, kept } = chooseValues(logs === undefined ? [] : [logs], {
      given: given as Record<string, string>,
      ofStage: ofStage as Record<string, string>,
      deployed: deployed as Record<string, string>,
    });
    return [values['logRetentionDays'], kept.length > 0 ? 'kept' : ''];
  };
  const [one, other, third] = [{ logRetentionDays: '1' }, { logRetentionDays: '3' }, { LogRetentionDays: '5' }];

  test.each<[string, object, object, object, readonly string[]]>([
    ["is --param's before anything", one, other, third, ['1', '']],
    ["is else the stage's of serverless.yml", {}, other, third, ['3', '']],
    ['is else what is deployed, and that is said', {}, {}, third, ['5', 'kept']],
    ['is else the default', {}, {}, {}, ['30', '']],
    ['is not said to be kept where the default is deployed', {}, {}, { LogRetentionDays: '30' }, ['30', '']],
  ])('%s', (_title, given, ofStage, deployed, expected) => {
    expect(choose(given, ofStage, deployed)).toEqual(expected);
  });

  test('reaches osls; an empty one is left out, and refused where serverless.yml says another', () => {
    expect(paramOptions({ a: '1', b: '' }, {})).toEqual(['--param', 'a=1']);
    expect(() => paramOptions({ b: '' }, { b: 'x' })).toThrow(
      '--param b is "", but serverless.yml has "x" for this stage',
    );
  });
});

test('a stage without values of its own has none', async () => {
  expect(await valuesOfStage('nowhere')).toEqual({});
});
