import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, expect, test } from 'vitest';
import type { Variable } from '../../../sandbox/grafana/panel-queries.ts';
import { variableValues } from '../../../sandbox/grafana/variable-values.ts';

const SCENE = { choices: { cluster_id: 'j-1' }, interval: 15, range: 900, scrape: 5 };
const END = 1_790_000_000;

let answer: { readonly status: number; readonly body: unknown };
let asked: URL;
beforeEach(() => (answer = { status: 200, body: {} }));
const prometheus = createServer((request, response) => {
  asked = new URL(request.url ?? '', 'http://prometheus');
  response.writeHead(answer.status).end(JSON.stringify(answer.body));
});
const url = await new Promise<string>((done) =>
  prometheus.listen(0, '127.0.0.1', () => done(`http://127.0.0.1:${(prometheus.address() as AddressInfo).port}`)),
);
afterAll(() => prometheus.close());

const says = (data: unknown) => (answer = { status: 200, body: { status: 'success', data } });
const vector = (...metrics: readonly object[]) =>
  says({ resultType: 'vector', result: metrics.map((metric) => ({ metric, value: [END, '0.5'] })) });

const found: Variable = {
  name: 'found',
  type: 'query',
  query: 'query_result(topk(20, max_over_time(x{cluster_id="$cluster_id"}[$__range])))',
  regex: '/instance="(?<value>[^"]+)"/',
};

test('a query is asked at the end, over all the time shown; a series is the value that the first match names, once', async () => {
  vector({ instance: 'i-1', of_instance: 'i-9' }, { instance: 'i-2', a: 'b' }, { instance: 'i-2' }, { node: 'i-3' });
  expect(await variableValues(url, found, SCENE, END)).toEqual(['i-1', 'i-2']);
  expect(asked.pathname).toBe('/api/v1/query');
  expect(Object.fromEntries(asked.searchParams)).toEqual({
    query: 'topk(20, max_over_time(x{cluster_id="j-1"}[900s]))',
    time: String(END),
  });
});

test('a series without a regular expression is a value as Grafana writes it', async () => {
  vector({ __name__: 'x', instance: 'i-1', node: 'n' });
  const { regex: _, ...plain } = found;
  expect(await variableValues(url, plain, SCENE, END)).toEqual(['x{instance="i-1",node="n"} 0.5 1790000000000']);
});

test('values of a label are those of the time shown', async () => {
  says(['j-1', 'j-2']);
  const label: Variable = { name: 'x', type: 'query', query: 'label_values(up{a="$cluster_id", b!=""}, cluster_id)' };
  expect(await variableValues(url, label, SCENE, END)).toEqual(['j-1', 'j-2']);
  expect(asked.pathname).toBe('/api/v1/label/cluster_id/values');
  expect(Object.fromEntries(asked.searchParams)).toEqual({
    'match[]': 'up{a="j-1", b!=""}',
    start: String(END - 900),
    end: String(END),
  });
});

test('what Prometheus refuses is its own error, not a variable without values', async () => {
  answer = { status: 422, body: { status: 'error', error: 'query processing would load too many samples' } };
  await expect(variableValues(url, found, SCENE, END)).rejects.toThrow(
    /422 .*query processing would load too many samples/,
  );
});

test('a variable without values is named, with what it asked', async () => {
  vector();
  await expect(variableValues(url, found, SCENE, END)).rejects.toThrow(/^\$found has no values: .*topk\(20, /);
});

test('one that asks in another way is named', async () => {
  const other: Variable = { name: 'other', type: 'query', query: 'metrics(up)' };
  await expect(variableValues(url, other, SCENE, END)).rejects.toThrow('$other asks in a way that is not known here');
});
