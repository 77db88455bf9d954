import type { InstanceId } from '../../shared/core/model.ts';
import { page, type Page } from './aws-json.ts';
import { cut, disturbedCall } from './disturbed-call.ts';
import { groupItem, reservation } from './ec2-answers.ts';
import { filters, type Form, list } from './ec2-filters.ts';
import { placeActions } from './ec2-places.ts';
import { type Xml, xml } from './query-xml.ts';
import type { Ec2, Instance } from './ec2.ts';
import type { Network, Offering } from './network.ts';
import type { SecurityGroup, SecurityGroups } from './security-groups.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, WireFault, type WireHandler, type WireResponse } from './wire.ts';

/** docs: AWSEC2/latest/APIReference, DescribeInstances and DescribeTags: MaxResults between 5 and 1,000. */
const PAGE = { min: 5, max: 1000 };
const isInstanceId = (id: string): id is InstanceId => /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id);

type Answer = { readonly [name: string]: Xml };

/** The Query protocol (docs: AWSEC2/latest/APIReference/making-api-requests): a form in, XML out. */
interface Places {
  readonly securityGroups: SecurityGroups;
  readonly network: Network;
}

export function ec2Handler(ec2: Ec2, { securityGroups, network }: Places, world: Surroundings): WireHandler {
  const { accountId, ids } = world;

  function describeInstances(form: Form): Answer {
    const wanted = list(form, 'InstanceId');
    if (wanted.length > 0 && form.has('MaxResults')) {
      const message = 'The parameter instancesSet cannot be used with the parameter maxResults';
      throw new WireFault('InvalidParameterCombination', message);
    }
    const found = wanted.length > 0 ? byIds(ec2, wanted) : ec2.instances();
    const { items, next } = pageOf(form, found.filter(filters(form, 'DescribeInstances', ofInstance)), Infinity);
    return { reservationSet: items.map((item) => reservation(item, accountId)), nextToken: next };
  }

  function describeTags(form: Form): Answer {
    const tags = ec2.instances().flatMap(tagsOf);
    const { items, next } = pageOf(form, tags.filter(filters(form, 'DescribeTags', ofTag)), PAGE.max);
    return { tagSet: items.map((tag) => ({ ...tag })), nextToken: next };
  }

  function describeSecurityGroups(form: Form): Answer {
    const wanted = list(form, 'GroupId');
    const found = wanted.length > 0 ? groupsByIds(securityGroups, wanted) : securityGroups.all();
    const { items, next } = pageOf(form, found.filter(filters(form, 'DescribeSecurityGroups', ofGroup)), PAGE.max);
    return { securityGroupInfo: items.map((item) => groupItem(item, accountId)), nextToken: next };
  }

  /** Of a Region or a zone's own id it is not modelled. */
  function describeInstanceTypeOfferings(form: Form): Answer {
    const locationType = form.get('LocationType') ?? 'region';
    if (locationType !== 'availability-zone') throw notImplemented(`the LocationType ${locationType}`);
    const found = network.offerings.filter(filters(form, 'DescribeInstanceTypeOfferings', ofOffering));
    const { items, next } = pageOf(form, found, PAGE.max);
    return { instanceTypeOfferingSet: items.map((item) => ({ ...item, locationType })), nextToken: next };
  }

  const actions: Readonly<Record<string, (form: Form) => Answer>> = {
    DescribeInstances: describeInstances,
    DescribeInstanceTypeOfferings: describeInstanceTypeOfferings,
    DescribeSecurityGroups: describeSecurityGroups,
    DescribeTags: describeTags,
    ...placeActions(network, world),
  };

  return async ({ body }) => {
    const form: Form = new Map(new URLSearchParams(new TextDecoder().decode(body)));
    const action = form.get('Action') ?? '';
    try {
      const run = actions[action];
      if (run === undefined) throw notImplemented(`the operation ec2:${action}`);
      const unknown = [...form.keys()].filter((name) => !MODELLED.test(name));
      if (unknown.length > 0) throw notImplemented(`the parameter ${unknown.join(', ')} of ${action}`);
      const namespace = ' xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"';
      const { answer, broken } = await disturbedCall(action, world, () => ({ requestId: ids.uuid(), ...run(form) }));
      const response = respond(200, `${action}Response`, answer, namespace);
      return { ...response, ...cut(broken, response.body) };
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      const { code, message, status } = error;
      const content = { Errors: { Error: { Code: code, Message: message } }, RequestID: ids.uuid() };
      return respond(status, 'Response', content);
    }
  };
}

const respond = (status: number, root: string, content: Xml, namespace = ''): WireResponse & { body: string } => ({
  status,
  headers: { 'content-type': 'text/xml;charset=UTF-8' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<${root}${namespace}>${xml(content)}</${root}>`,
});

const MODELLED =
  /^(?:Action|Version|(?:Instance|Group|Subnet|Volume)Id\.\d+|VolumeId|Size|LocationType|MaxResults|NextToken|Filter\.\d+\.(?:Name|Value\.\d+))$/;

function pageOf<T>(form: Form, items: readonly T[], unlessSaid: number): Page<T> {
  const size = pageSize(form.get('MaxResults'), unlessSaid);
  return page(items, form.get('NextToken'), size, () => {
    return new WireFault('InvalidNextToken', 'The specified NextToken is not valid');
  });
}

function pageSize(given: string | undefined, unlessSaid: number): number {
  if (given === undefined) return unlessSaid;
  const size = Number(given);
  if (Number.isInteger(size) && size >= PAGE.min && size <= PAGE.max) return size;
  throw new WireFault('InvalidParameterValue', `Value ( ${given} ) for parameter maxResults is invalid.`);
}

/** One unknown id fails the whole call, and the message names all that are unknown. */
function byIds(ec2: Ec2, wanted: readonly string[]): readonly Instance[] {
  const malformed = wanted.find((id) => !isInstanceId(id));
  if (malformed !== undefined) throw new WireFault('InvalidInstanceID.Malformed', `Invalid id: "${malformed}"`);
  const ids = [...new Set(wanted)].filter(isInstanceId);
  const missing = ids.filter((id) => ec2.instance(id) === undefined);
  if (missing.length === 0) return ids.flatMap((id) => ec2.instance(id) ?? []);
  const message =
    missing.length === 1
      ? `The instance ID '${missing[0]}' does not exist`
      : `The instance IDs '${missing.join(', ')}' do not exist`;
  throw new WireFault('InvalidInstanceID.NotFound', message);
}

/** docs: AWSEC2/latest/APIReference/errors-overview: the first that is unknown is named. */
function groupsByIds(groups: SecurityGroups, wanted: readonly string[]): readonly SecurityGroup[] {
  return [...new Set(wanted)].map((id) => {
    if (!/^sg-[0-9a-f]+$/.test(id)) throw new WireFault('InvalidGroupId.Malformed', `Invalid id: "${id}"`);
    const group = groups.find(id);
    if (group === undefined) throw new WireFault('InvalidGroup.NotFound', `The security group '${id}' does not exist`);
    return group;
  });
}

/** docs: AWSEC2/latest/APIReference/API_DescribeSecurityGroups, Filters; others are not modelled. */
const GROUP_FILTERS: Readonly<Record<string, (group: SecurityGroup) => readonly string[]>> = {
  'group-id': ({ id }) => [id],
  'group-name': ({ name }) => [name],
  'vpc-id': ({ vpcId }) => [vpcId],
};
const ofGroup = (filter: string): ((group: SecurityGroup) => readonly string[]) | undefined => GROUP_FILTERS[filter];

const ofOffering = (filter: string): ((offering: Offering) => readonly string[]) | undefined =>
  filter === 'instance-type' || filter === 'location'
    ? ({ instanceType, location }) => [filter === 'location' ? location : instanceType]
    : undefined;

function ofInstance(filter: string): ((instance: Instance) => readonly string[]) | undefined {
  if (filter.startsWith('tag:')) {
    const key = filter.slice('tag:'.length);
    return ({ tags }) => (tags[key] === undefined ? [] : [tags[key]]);
  }
  switch (filter) {
    case 'tag-key':
      return ({ tags }) => Object.keys(tags);
    case 'instance-state-name':
      return ({ state }) => [state];
    case 'instance-id':
      return ({ id }) => [id];
    default:
      return undefined;
  }
}

interface Tag {
  readonly resourceId: InstanceId;
  readonly resourceType: 'instance';
  readonly key: string;
  readonly value: string;
}

/** Tags with the prefix `aws:` among them: they count as the resource's (docs: AWSEC2/latest/UserGuide/Using_Tags). */
const tagsOf = ({ id, tags }: Instance): readonly Tag[] =>
  Object.entries(tags).map(([key, value]) => ({ resourceId: id, resourceType: 'instance', key, value }));

/** docs: AWSEC2/latest/APIReference/API_DescribeTags, Filters. */
const TAG_FILTERS: Readonly<Record<string, (tag: Tag) => readonly string[]>> = {
  key: ({ key }) => [key],
  value: ({ value }) => [value],
  'resource-id': ({ resourceId }) => [resourceId],
  'resource-type': ({ resourceType }) => [resourceType],
};
const ofTag = (filter: string): ((tag: Tag) => readonly string[]) | undefined => TAG_FILTERS[filter];
