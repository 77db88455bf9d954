import { expect, test } from 'vitest';
import { narrator, PUT_OFF } from '../../../sandbox/demo/narrator.ts';

const clusterId = 'j-1';
const on = { clusterId, node: 'i-1', exporter: 'node' };

test.each<[string, object, string]>([
  [
    'an order',
    { message: 'decided', action: 'order', ...on, reason: 'missing', orderId: 'order-1' },
    'order node i-1 (missing)',
  ],
  [
    'the end of a cluster',
    { message: 'decided', action: 'end', clusterId, reason: 'TERMINATED' },
    'end j-1 (TERMINATED)',
  ],
  ['a command', { message: 'order sent', clusterId, orderId: 'order-1', nodes: 3 }, 'order-1 sent to 3 nodes'],
  ['a success', { message: 'result', ...on, outcome: 'installed' }, 'node on i-1: installed'],
  [
    'a failure',
    { level: 'WARN', message: 'result', ...on, outcome: 'failed', reason: 'disk full' },
    'node on i-1: failed (disk full)',
  ],
  [
    'a refusal',
    {
      level: 'WARN',
      message: 'refused by policy',
      action: 'order',
      ...on,
      reason: 'missing',
      policy: 'dryRun',
      because: 'a dry run',
    },
    'dryRun refuses: order node i-1 (missing), for a dry run',
  ],
  [
    'a broken record',
    { level: 'ERROR', message: 'record unreadable', clusterId, error: { name: 'SchemaError', message: 'schema 9' } },
    'record unreadable: j-1 SchemaError: schema 9',
  ],
  [
    'a doorbell that was lost',
    { level: 'ERROR', message: 'doorbell not put off', clusterId, error: { name: 'Error', message: 'no queue' } },
    'doorbell not put off: j-1 Error: no queue',
  ],
  ['a tag that lies', { level: 'WARN', message: 'cluster unknown to EMR', clusterId }, 'cluster unknown to EMR: j-1'],
  ['a doorbell that waits', { _aws: {}, clusterId, DoorbellsPutOff: 1 }, PUT_OFF],
])("%s is told in one line, with the function's short name", (_name, line, told) => {
  expect(tell({ level: 'INFO', ...line })).toEqual([`on-event: ${told}`]);
});

test('what is neither a decision nor wrong is not told', () => {
  expect([tell({ level: 'INFO', message: 'something else' }), tell({ _aws: {}, AwsCalls: 3 })]).toEqual([[], []]);
});

function tell(line: object): readonly string[] {
  const lines: string[] = [];
  const tellOne = narrator((one) => void lines.push(one.replace(/^ *\+\d\.\d s {2}/, '')));
  tellOne.logLine('prometheus-on-emr-dev-on-event', JSON.stringify(line));
  return lines;
}
