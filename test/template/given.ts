import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packagedStack } from '../../scripts/package/packaged-stack.ts';
import type { Template } from '../infra/template.ts';

/** Every parameter, but for the one that `prometheusCidr` excludes. */
export const GIVEN = {
  alarmTopic: 'arn:aws:sns:us-east-1:123456789012:operators',
  clusterSecurityGroups: 'sg-0123456789abcdef0,sg-0123456789abcdef1',
  existingBucket: 'monitoring-of-the-company',
  logRetentionDays: '7',
  prometheusCidr: '2001:db8::/56',
  runbookUrl: 'https://git.example.com/prometheus-on-emr/docs/runbooks',
  tracing: 'true',
};
const params = (given: object) => Object.entries(given).flatMap(([name, value]) => ['--param', `${name}=${value}`]);
const variant = await packagedStack(process.env, params(GIVEN));

export const templateWithAll = join(variant, 'cloudformation-template-update-stack.json');

export const withAll = JSON.parse(await readFile(templateWithAll, 'utf8')) as Template;
