import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { alertStates } from '../../../sandbox/demo/alert-states.ts';

const rule = (name: string, state: string, ...summaries: readonly string[]) => ({
  name,
  state,
  alerts: summaries.map((summary) => ({ annotations: { summary } })),
});

test('every alert has a line, those that fire come first, and say about what', async () => {
  const groups = [
    { rules: [rule('EmrNodeDown', 'inactive'), rule('EmrIdle', 'firing', 'etl has had nothing to do')] },
    { rules: [rule('EmrHdfsFull', 'pending', 'etl is full', 'ad-hoc is full')] },
  ];
  const server = createServer((_request, response) => response.end(JSON.stringify({ data: { groups } })));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  expect(await alertStates(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)).toEqual([
    'EmrIdle      firing',
    '  etl has had nothing to do',
    'EmrHdfsFull  pending',
    '  etl is full',
    '  ad-hoc is full',
    'EmrNodeDown  inactive',
  ]);
});
