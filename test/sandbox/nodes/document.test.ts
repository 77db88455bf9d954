import { describe, expect, test } from 'vitest';
import { parseCommand, type Step } from '../../../sandbox/nodes/agent/document.ts';

const parse = (step: object, version = '3.3.0.0') => {
  const whole = { action: 'aws:runShellScript', name: 'run', inputs: { runCommand: ['true'] }, ...step };
  const document = { schemaVersion: '2.2', mainSteps: [whole] };
  return parseCommand('aws.ssm.c.i-1', JSON.stringify({ CommandId: 'c', DocumentContent: document }), version);
};

function onlyStep(step: object): Step {
  const parsed = parse(step);
  if (parsed.kind !== 'work') throw new Error(parsed.reason);
  return parsed.work.steps[0]!;
}

describe('what becomes of a step', () => {
  test.each<[string, object, string]>([
    ['no precondition', {}, 'run'],
    ['for Linux', { precondition: { StringEquals: ['platformType', 'Linux'] } }, 'run'],
    ['for Linux, the other way round', { precondition: { StringEquals: ['Linux', 'platformType'] } }, 'run'],
    ['for Windows', { precondition: { StringEquals: ['platformType', 'Windows'] } }, 'skip'],
    ['an operator that nobody knows', { precondition: { StringMatches: ['platformType', 'Linux'] } }, 'fail'],
    ['a variable that nobody knows', { precondition: { StringEquals: ['arch', 'x86'] } }, 'fail'],
    ['an action that nobody knows', { action: 'aws:flyToTheMoon' }, 'fail'],
  ])('%s: %s', (_case, step, kind) => {
    expect(onlyStep(step).verdict.kind).toBe(kind);
  });

  test.each([
    ['120', 120],
    [172_800, 172_800],
    ['4', 3_600],
    ['172801', 3_600],
    ['soon', 3_600],
    [undefined, 3_600],
  ])('timeoutSeconds %s means %i', (timeoutSeconds, expected) => {
    expect(onlyStep({ inputs: { runCommand: ['true'], timeoutSeconds } }).timeoutSeconds).toBe(expected);
  });

  test('the lines are kept one by one, after substitution', () => {
    const inputs = { runCommand: ['#!/bin/bash', 'exit 0'], onFailure: 'exit' };
    expect(onlyStep({ inputs })).toMatchObject({ lines: ['#!/bin/bash', 'exit 0'], exitOnFailure: true });
  });
});

test.each(['{', '{}', '{"CommandId":"c","DocumentContent":{"schemaVersion":"2.2"}}'])(
  'a payload that is no document is refused with a reason: %s',
  (payload) => {
    expect(parseCommand('aws.ssm.c.i-1', payload, '3.3.0.0')).toMatchObject({
      kind: 'invalid',
      reason: expect.stringContaining('document cannot be read'),
    });
  },
);
