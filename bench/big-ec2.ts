import type { WireHandler, WireResponse } from '../sandbox/account/wire.ts';
import { notImplemented } from '../sandbox/account/wire.ts';
import type { InstanceId } from '../shared/core/model.ts';
import { CLUSTER_TAG, instanceXml, type Member, tagsOf, tagXml } from './big-fleet.ts';

/** The most that DescribeInstances and DescribeTags answer at once. */
const PAGE = 1000;
const NAMESPACE = 'http://ec2.amazonaws.com/doc/2016-11-15/';

const paged = (items: readonly string[]): readonly string[] =>
  Array.from({ length: Math.max(1, Math.ceil(items.length / PAGE)) }, (_, page) =>
    items.slice(page * PAGE, (page + 1) * PAGE).join('\n'),
  );

/** EC2 of a fleet that does not change: every page is made before the first call. */
export function bigEc2(running: readonly Member[], ended: readonly Member[]): WireHandler {
  const clusterOf = new Map(running.map(({ id, clusterId }) => [id, clusterId]));
  const endedXml = ended.map((member) => instanceXml(member, 'terminated'));
  const all = paged([...running.map((member) => instanceXml(member, 'running')), ...endedXml]);
  const gone = paged(endedXml);
  // EC2 lists the tags of what has ended, too.
  const members = paged([...running, ...ended].map(({ id, clusterId }) => tagXml(id, CLUSTER_TAG, clusterId)));

  const tagsOfSome = (ids: readonly InstanceId[], keys: readonly string[]): string =>
    ids
      .flatMap((id) => Object.entries(tagsOf(clusterOf.get(id) ?? 'j-NONE')).map((tag) => [id, ...tag] as const))
      .filter(([, key]) => keys.includes(key))
      .map((tag) => tagXml(...tag))
      .join('\n');

  return async ({ body }) => {
    const form = new URLSearchParams(Buffer.from(body).toString());
    const filters = filtersOf(form);
    const page = Number(form.get('NextToken') ?? 0);
    switch (form.get('Action')) {
      case 'DescribeInstances':
        if (!filters.has('instance-state-name')) break;
        return answer(
          'DescribeInstances',
          'reservationSet',
          filters.get('instance-state-name')?.includes('running') ? all : gone,
          page,
        );
      case 'DescribeTags': {
        const ids = filters.get('resource-id') as readonly InstanceId[] | undefined;
        const pages = ids === undefined ? members : [tagsOfSome(ids, filters.get('key') ?? [])];
        return answer('DescribeTags', 'tagSet', pages, page);
      }
      default:
    }
    throw notImplemented(`${form.toString()} in this account`);
  };
}

function filtersOf(form: URLSearchParams): ReadonlyMap<string, readonly string[]> {
  const filters = new Map<string, readonly string[]>();
  for (let n = 1; form.has(`Filter.${n}.Name`); n += 1) {
    const values = [...form].filter(([name]) => name.startsWith(`Filter.${n}.Value.`)).map(([, value]) => value);
    filters.set(form.get(`Filter.${n}.Name`) ?? '', values);
  }
  return filters;
}

function answer(action: string, set: string, pages: readonly string[], page: number): WireResponse {
  const next = page + 1 < pages.length ? `<nextToken>${page + 1}</nextToken>` : '';
  const body = `<?xml version="1.0" encoding="UTF-8"?>
<${action}Response xmlns="${NAMESPACE}"><requestId>r</requestId><${set}>${pages[page] ?? ''}</${set}>${next}</${action}Response>`;
  return { status: 200, headers: { 'content-type': 'text/xml;charset=UTF-8' }, body };
}
