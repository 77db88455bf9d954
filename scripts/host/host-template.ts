import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod/mini';
import type { StackParameter } from '../package/stack-parameters.ts';

const template = z.looseObject({
  Parameters: z.record(
    z.string(),
    z.looseObject({
      AllowedPattern: z.optional(z.string()),
      MinValue: z.optional(z.number()),
      MaxValue: z.optional(z.number()),
      ConstraintDescription: z.optional(z.string()),
      Description: z.string(),
    }),
  ),
});

export const readHostTemplate = async (): Promise<string> =>
  await readFile(join(import.meta.dirname, '../../infra/host/template.yml'), 'utf8');

/** Where people read of the parameters. */
export const PAGE = 'docs/host.md';

/** What a person may set, in the order of that page: the template's parameter, and what it is where nobody says. */
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
  const { Parameters } = template.parse(parse(text, { logLevel: 'error' }));
  return Object.entries(SETTABLE).map(([name, [id, fallback]]) => {
    const said = Parameters[id];
    return {
      name,
      id,
      fallback: name === 'alertTopic' ? alertTopic : fallback,
      description: said?.Description ?? '',
      constraint: said?.ConstraintDescription,
      pattern: said?.AllowedPattern ?? PATTERNS[id],
      range: [said?.MinValue ?? -Infinity, said?.MaxValue ?? Infinity],
    };
  });
}
