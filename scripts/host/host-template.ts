import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import { ConfigError } from '../../shared/core/errors.ts';
import type { StackParameter } from '../package/stack-parameters.ts';

const template = z.looseObject({
  Parameters: z.record(
    z.string(),
    z.looseObject({
      AllowedPattern: z.optional(z.string()),
      MinValue: z.optional(z.number()),
      MaxValue: z.optional(z.number()),
      Description: z.string(),
    }),
  ),
});
const parametersOf = (text: string) => template.parse(parse(text, { logLevel: 'error' })).Parameters;

export const readHostTemplate = async (): Promise<string> =>
  await readFile(join(import.meta.dirname, '../../infra/host/template.yml'), 'utf8');

/** What a person may set, in the order of docs/host.md: the template's parameter, and what it is where nobody says. */
const SETTABLE = {
  subnet: ['SubnetId', ''],
  instanceType: ['InstanceType', 't4g.medium'],
  volumeGiB: ['VolumeGiB', '100'],
  dataVolume: ['DataVolumeId', ''],
  retentionDays: ['RetentionDays', '90'],
  alertTopic: ['AlertTopic', ''],
  grafanaCidr: ['GrafanaCidr', ''],
  grafanaSecurityGroup: ['GrafanaSecurityGroup', ''],
  targetGroup: ['TargetGroup', ''],
  rootUrl: ['RootUrl', ''],
} as const;
export type HostParameter = keyof typeof SETTABLE;

/** Of those whose shape the template leaves to their type. */
const PATTERNS: Readonly<Record<string, string>> = {
  SubnetId: '^subnet-[0-9a-f]{8}([0-9a-f]{9})?$',
  VolumeGiB: '^[1-9][0-9]{0,5}$',
  RetentionDays: '^[1-9][0-9]{0,5}$',
};

/** `alertTopic`: the one that the deployment's alarms tell, unless another is given. */
export function hostParameters(text: string, alertTopic: string): readonly StackParameter[] {
  const Parameters = parametersOf(text);
  return Object.entries(SETTABLE).map(([name, [id, fallback]]) => ({
    name,
    id,
    fallback: name === 'alertTopic' ? alertTopic : fallback,
    description: Parameters[id]?.Description ?? '',
    pattern: Parameters[id]?.AllowedPattern ?? PATTERNS[id],
  }));
}

/** Numbers that CloudFormation would refuse, but not before everything is published. Of what has the shape that it should. */
export function checkRanges(text: string, given: Readonly<Record<string, string>>): void {
  const Parameters = parametersOf(text);
  const problems = Object.entries(SETTABLE).flatMap(([name, [id]]) => {
    const { MinValue = -Infinity, MaxValue = Infinity, Description = '' } = Parameters[id] ?? {};
    const value = Number(given[name] ?? NaN);
    if (!(value < MinValue || value > MaxValue)) return [];
    return [`--param ${name} is ${value}: expected: ${Description} (${MinValue} to ${MaxValue})`];
  });
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
}
