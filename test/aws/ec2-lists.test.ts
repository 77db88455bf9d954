import { EC2Client } from '@aws-sdk/client-ec2';
import { describe, expect, test } from 'vitest';
import { ec2Fleet } from '../../shared/aws/ec2-fleet.ts';
import type { InstanceId } from '../../shared/core/model.ts';
import { type Answer, type Asked, awsStub, ec2Error, halfOf, inTurn, xml } from './aws-stub.ts';

async function ec2(answer: (asked: Asked) => Answer) {
  const stub = await awsStub(answer);
  return { ...stub, fleet: ec2Fleet(new EC2Client(stub.client)) };
}

const JOB_FLOW = 'aws:elasticmapreduce:job-flow-id';

const answer = (action: string, list: string, items: readonly string[], next = '') =>
  xml(
    `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>r</requestId><${list}>${items.join('')}</${list}>` +
      `${next && `<nextToken>${next}</nextToken>`}</${action}Response>`,
  );

const tag = (id: string, value: string, key = JOB_FLOW) =>
  `<item><resourceId>${id}</resourceId><resourceType>instance</resourceType><key>${key}</key><value>${value}</value></item>`;
const tagPage = (items: readonly string[], next?: string) => answer('DescribeTags', 'tagSet', items, next);

const leaver = (id: string) =>
  `<item><reservationId>r-${id}</reservationId><instancesSet><item><instanceId>${id}</instanceId><instanceState><code>48</code>` +
  `<name>terminated</name></instanceState><tagSet><item><key>${JOB_FLOW}</key><value>j-1</value></item></tagSet></item></instancesSet></item>`;
const instancePage = (items: readonly string[], next?: string) =>
  answer('DescribeInstances', 'reservationSet', items, next);

const second = ({ input }: Asked): boolean => input['NextToken'] === 'more';

describe('which instance is of which cluster', () => {
  test('is asked by EMR’s system tag, of instances only, 1,000 a page', async () => {
    const { fleet, asked } = await ec2((call) =>
      second(call) ? tagPage([tag('i-2', 'j-2')]) : tagPage([tag('i-1', 'j-1')], 'more'),
    );
    expect(await fleet.members()).toEqual(
      new Map([
        ['i-1', 'j-1'],
        ['i-2', 'j-2'],
      ]),
    );
    const filters = {
      'Filter.1.Name': 'resource-type',
      'Filter.1.Value.1': 'instance',
      'Filter.2.Name': 'key',
      'Filter.2.Value.1': JOB_FLOW,
    };
    expect(asked.map(({ operation, input }) => ({ operation, ...input }))).toMatchObject([
      { operation: 'DescribeTags', MaxResults: '1000', ...filters },
      { operation: 'DescribeTags', MaxResults: '1000', NextToken: 'more', ...filters },
    ]);
  });

  test('is asked of one cluster by the value of its tag', async () => {
    const { fleet, asked } = await ec2(() => tagPage([tag('i-1', 'j-1')]));
    expect(await fleet.members('j-1')).toEqual(new Map([['i-1', 'j-1']]));
    expect(asked.map(({ input }) => input)).toMatchObject([
      { 'Filter.2.Value.1': JOB_FLOW, 'Filter.3.Name': 'value', 'Filter.3.Value.1': 'j-1' },
    ]);
  });

  test('says nothing where the tag names no cluster', async () => {
    const { fleet } = await ec2(() => tagPage([tag('i-1', ''), tag('i-2', 'pool-7'), tag('i-3', 'j-3')]));
    expect(await fleet.members()).toEqual(new Map([['i-3', 'j-3']]));
  });

  test('is nobody’s where EC2 has no such tag', async () => {
    const { fleet } = await ec2(() => tagPage([]));
    expect(await fleet.members()).toEqual(new Map());
  });

  test.each([
    ['refused', ec2Error('UnauthorizedOperation', 'no'), 'ConfigError'],
    ['broken off', halfOf(tagPage([tag('i-2', 'j-2')])), 'UnavailableError'],
    [
      'without its list',
      xml('<DescribeTagsResponse><requestId>r</requestId></DescribeTagsResponse>'),
      'UnavailableError',
    ],
  ])('is not half said: a second page that is %s fails the call', async (_what, broken, name) => {
    const { fleet } = await ec2((call) => (second(call) ? broken : tagPage([tag('i-1', 'j-1')], 'more')));
    await expect(fleet.members()).rejects.toMatchObject({ name });
  });
});

describe('instances that leave', () => {
  test('are asked by tag and state, 1,000 a page', async () => {
    const { fleet, asked } = await ec2((call) =>
      second(call) ? instancePage([leaver('i-2')]) : instancePage([leaver('i-1')], 'more'),
    );
    expect([...(await fleet.leavers()).values()]).toEqual([
      { id: 'i-1', state: 'terminated', clusterId: 'j-1' },
      { id: 'i-2', state: 'terminated', clusterId: 'j-1' },
    ]);
    expect(asked.map(({ input }) => input)).toMatchObject([
      {
        MaxResults: '1000',
        'Filter.1.Name': 'tag-key',
        'Filter.1.Value.1': JOB_FLOW,
        'Filter.2.Name': 'instance-state-name',
        'Filter.2.Value.1': 'shutting-down',
        'Filter.2.Value.2': 'terminated',
      },
      { MaxResults: '1000', NextToken: 'more' },
    ]);
  });

  test('are not half said: a second page that fails fails the call', async () => {
    const { fleet } = await ec2(inTurn(instancePage([leaver('i-1')], 'more'), ec2Error('UnauthorizedOperation', 'no')));
    await expect(fleet.leavers()).rejects.toMatchObject({ name: 'ConfigError' });
  });
});

describe('tags of instances', () => {
  const ids: readonly InstanceId[] = ['i-1', 'i-2'];

  test('are asked in one call by id and key, and each id has its entry', async () => {
    const { fleet, asked } = await ec2(() => tagPage([tag('i-1', 'etl', 'Service'), tag('i-1', '', 'Project')]));
    expect(await fleet.tags(ids, ['Service', 'Project'])).toEqual(
      new Map([
        ['i-1', { Service: 'etl', Project: '' }],
        ['i-2', {}],
      ]),
    );
    expect(asked.map(({ input }) => input)).toMatchObject([
      {
        'Filter.2.Name': 'resource-id',
        'Filter.2.Value.1': 'i-1',
        'Filter.2.Value.2': 'i-2',
        'Filter.3.Name': 'key',
        'Filter.3.Value.1': 'Service',
        'Filter.3.Value.2': 'Project',
      },
    ]);
  });

  test('of keys that only a wildcard finds are left out', async () => {
    const { fleet } = await ec2(() => tagPage([tag('i-1', 'etl', 'Service'), tag('i-1', 'x', 'S*')]));
    expect((await fleet.tags(ids, ['S*'])).get('i-1')).toEqual({ 'S*': 'x' });
  });

  test('are read over all pages', async () => {
    const { fleet } = await ec2((call) =>
      second(call) ? tagPage([tag('i-2', 'b', 'Service')]) : tagPage([tag('i-1', 'a', 'Service')], 'more'),
    );
    expect((await fleet.tags(ids, ['Service'])).get('i-2')).toEqual({ Service: 'b' });
  });

  test('of nobody, and of no key, are nothing, and cost no call: EC2 refuses a filter without values', async () => {
    const { fleet, asked } = await ec2(() => tagPage([]));
    expect(await fleet.tags([], ['Service'])).toEqual(new Map());
    expect(await fleet.tags(['i-1'], [])).toEqual(new Map([['i-1', {}]]));
    expect(asked).toEqual([]);
  });

  test('of more than 200 instances are not asked: EC2 takes 200 values a filter', async () => {
    const { fleet } = await ec2(() => tagPage([]));
    const many = Array.from({ length: 201 }, (_, n): InstanceId => `i-${n}`);
    await expect(fleet.tags(many, ['Service'])).rejects.toThrow('tags of 201 instances in one call');
  });
});
