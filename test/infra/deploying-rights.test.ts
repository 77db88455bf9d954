import { expect, test } from 'vitest';
import { deployingRights } from '../template/deploying-rights.ts';
import { template } from './template.ts';

test('docs/deploy.md has a row for each service that the stack has resources of, and no other', () => {
  const types = [...Object.values(template.Resources).map(({ Type }) => Type), 'AWS::EC2::SecurityGroupIngress'];
  const wanted = new Set(types.map((type) => type.split('::').slice(0, 2).join('::')));
  const rows = [...deployingRights.keys()].flatMap((row) => /^`(AWS::\w+)`/.exec(row)?.[1] ?? []);
  expect(rows.toSorted()).toEqual([...wanted].toSorted());
});
