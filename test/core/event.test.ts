import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { toSignal } from '../../shared/core/event.ts';

interface Sample {
  readonly file: string;
  readonly signal: unknown;
}
interface Event {
  readonly detail: Readonly<Record<string, unknown>>;
}

const manifest = JSON.parse(readFileSync('events/manifest.json', 'utf8')) as readonly Sample[];
const read = (file: string): Event => JSON.parse(readFileSync(`events/${file}`, 'utf8')) as Event;

test.each(manifest)('$file → $signal.kind', ({ file, signal }) => {
  expect(toSignal(read(file))).toEqual(signal);
});

test('the manifest names every sample event, and no other', () => {
  const files = readdirSync('events', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  expect(manifest.map(({ file }) => file).toSorted()).toEqual(
    files.filter((file) => file !== 'manifest.json').toSorted(),
  );
});

/** A real event with some fields of its detail replaced; undefined takes one away. */
const broken = (file: string, fields: Readonly<Record<string, unknown>>) => {
  const event = read(file);
  return { ...event, detail: { ...event.detail, ...fields } };
};

const EMR = 'emr-cluster-waiting.json';
const STATE = 'ec2-instance-state-terminated.json';
const SPOT = 'ec2-spot-interruption-warning-terminate.json';
const SSM = 'ssm-command-invocation-success.json';

describe('an event of ours that is broken is malformed, and says where:', () => {
  test.each<[string, unknown, string]>([
    ['an EMR event without cluster id', broken(EMR, { clusterId: undefined }), 'detail.clusterId is missing'],
    ['an EMR event whose cluster id is a number', broken(EMR, { clusterId: 7 }), 'detail.clusterId is 7'],
    ['an EMR event of a step', broken(EMR, { clusterId: 's-1ABC' }), 'detail.clusterId is "s-1ABC"'],
    ['an EMR event with a path for an id', broken(EMR, { clusterId: 'j-../x' }), 'detail.clusterId is "j-../x"'],
    ['an EMR event without detail', { ...read(EMR), detail: null }, 'detail.clusterId is missing'],
    ['an instance that ends, without id', broken(STATE, { 'instance-id': undefined }), 'detail.instance-id is missing'],
    ['an instance that ends, id a list', broken(STATE, { 'instance-id': ['i-1'] }), 'detail.instance-id is ["i-1"]'],
    ['an instance without state', broken(STATE, { state: undefined }), 'detail.state is missing'],
    ['a spot warning without id', broken(SPOT, { 'instance-id': undefined }), 'detail.instance-id is missing'],
    ['a spot warning of id "web"', broken(SPOT, { 'instance-id': 'web' }), 'detail.instance-id is "web"'],
    ['an invocation without instance', broken(SSM, { 'instance-id': undefined }), 'detail.instance-id is missing'],
    ['an invocation of a server elsewhere', broken(SSM, { 'instance-id': 'mi-0a' }), 'detail.instance-id is "mi-0a"'],
    ['an invocation without command id', broken(SSM, { 'command-id': undefined }), 'detail.command-id is missing'],
    ['an invocation with command id 1', broken(SSM, { 'command-id': 1 }), 'detail.command-id is 1'],
    ['an invocation without status', broken(SSM, { status: undefined }), 'detail.status is missing'],
    ['a doorbell of no cluster', { clusterId: 'J-1' }, 'clusterId is "J-1"'],
    ['a doorbell of null', { clusterId: null }, 'clusterId is null'],
  ])('%s', (_title, event, reason) => {
    expect(toSignal(event)).toEqual({ kind: 'malformed', reason });
  });
});

test('our own doorbell rings for its cluster', () => {
  expect(toSignal({ clusterId: 'j-2EXAMPLECLUST' })).toEqual({ kind: 'reconcile', at: 'j-2EXAMPLECLUST' });
});

test('a cluster id beside a foreign source is not taken for our doorbell', () => {
  expect(toSignal({ source: 'aws.s3', clusterId: 'j-2EXAMPLECLUST' })).toMatchObject({ kind: 'ignored' });
});

test('an EMR detail-type that nobody has heard of yet rings, for its cluster id is all that counts', () => {
  expect(toSignal({ ...read(EMR), 'detail-type': 'EMR Something New' })).toMatchObject({ kind: 'reconcile' });
});

test('what is reported of a broken field is cut', () => {
  const signal = toSignal({ clusterId: 'x'.repeat(10_000) });
  expect(JSON.stringify(signal).length).toBeLessThan(200);
});

test.each([undefined, null, 7, 'text', [], {}])('%j is nobody’s event', (event) => {
  expect(toSignal(event)).toMatchObject({ kind: 'ignored' });
});
