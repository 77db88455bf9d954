import type { InstanceId } from '../../shared/core/model.ts';
import { reservation } from './ec2-answers.ts';
import { type Xml, xml } from './ec2-xml.ts';
import type { Ec2, Instance } from './ec2.ts';
import { page } from './aws-json.ts';
import { cut, disturbedCall } from './disturbed-call.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, WireFault, type WireHandler, type WireResponse } from './wire.ts';

/** docs: AWSEC2/latest/APIReference/API_DescribeInstances: MaxResults between 5 and 1,000. */
const PAGE = { min: 5, max: 1000 };
const isInstanceId = (id: string): id is InstanceId => /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(id);

type Form = ReadonlyMap<string, string>;

/** The Query protocol (docs: AWSEC2/latest/APIReference/making-api-requests): a form in, XML out. */
export function ec2Handler(ec2: Ec2, world: Surroundings): WireHandler {
  const { accountId, ids } = world;

  function describeInstances(form: Form): Xml {
    const wanted = list(form, 'InstanceId');
    const size = form.get('MaxResults');
    if (wanted.length > 0 && size !== undefined) {
      const message = 'The parameter instancesSet cannot be used with the parameter maxResults';
      throw new WireFault('InvalidParameterCombination', message);
    }
    const found = wanted.length > 0 ? byIds(ec2, wanted) : ec2.instances();
    const conditions = filters(form);
    const filtered = found.filter((instance) => conditions.every((passes) => passes(instance)));
    const { items, next } = page(filtered, form.get('NextToken'), pageSize(size), () => {
      return new WireFault('InvalidNextToken', 'The specified NextToken is not valid');
    });
    return {
      requestId: ids.uuid(),
      reservationSet: items.map((item) => reservation(item, accountId)),
      nextToken: next,
    };
  }

  return async ({ body }) => {
    const form: Form = new Map(new URLSearchParams(new TextDecoder().decode(body)));
    const action = form.get('Action') ?? '';
    try {
      if (action !== 'DescribeInstances') throw notImplemented(`the operation ec2:${action}`);
      const unknown = [...form.keys()].filter((name) => !MODELLED.test(name));
      if (unknown.length > 0) throw notImplemented(`the parameter ${unknown.join(', ')} of ${action}`);
      const namespace = ' xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"';
      const { answer, broken } = await disturbedCall(action, world, () => describeInstances(form));
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

const MODELLED = /^(?:Action|Version|InstanceId\.\d+|MaxResults|NextToken|Filter\.\d+\.(?:Name|Value\.\d+))$/;

/** `Name.1`, `Name.2` … in order. */
function list(form: Form, name: string): readonly string[] {
  const values: string[] = [];
  for (let n = 1; form.has(`${name}.${n}`); n += 1) values.push(form.get(`${name}.${n}`) ?? '');
  return values;
}

function pageSize(given: string | undefined): number {
  if (given === undefined) return Infinity;
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

/** Values of one filter are alternatives, filters are all needed; `*` and `?` are wildcards. */
function filters(form: Form): readonly ((instance: Instance) => boolean)[] {
  const tests: ((instance: Instance) => boolean)[] = [];
  for (let n = 1; form.has(`Filter.${n}.Name`); n += 1) {
    const subject = subjectOf(form.get(`Filter.${n}.Name`) ?? '');
    const patterns = list(form, `Filter.${n}.Value`).map(wildcard);
    tests.push((instance) => subject(instance).some((text) => patterns.some((pattern) => pattern.test(text))));
  }
  return tests;
}

function subjectOf(filter: string): (instance: Instance) => readonly string[] {
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
      throw notImplemented(`the filter ${filter} of DescribeInstances`);
  }
}

const wildcard = (value: string): RegExp =>
  new RegExp(
    `^${value
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
