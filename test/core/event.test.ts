import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { toSignal } from '../../shared/core/event.ts';
import { brokenVariants, mergePatch, type Sample } from './broken-events.ts';

const manifest = JSON.parse(readFileSync('events/manifest.json', 'utf8')) as readonly Sample[];
const read = (file: string): object => JSON.parse(readFileSync(`events/${file}`, 'utf8')) as object;

/** Where to look; what becomes of a reconfiguration has a test of its own. */
const where = (event: unknown) => ({ ...toSignal(event), reconfigured: undefined });

test.each(manifest)('$file → $signal.kind', ({ file, signal }) => {
  expect(where(read(file))).toEqual(signal);
});

test.each(manifest.flatMap(brokenVariants))('$file, $title → $signal.kind', ({ file, patch, signal }) => {
  const broken = mergePatch(read(file), patch);
  expect(broken).not.toEqual(read(file));
  expect(where(broken)).toEqual(signal);
});

test('every event about a cluster or a node has a broken variant that is called malformed', () => {
  const about = manifest.filter(({ signal }) => signal.kind === 'reconcile');
  const caught = about.filter((sample) => brokenVariants(sample).some(({ signal }) => signal.kind === 'malformed'));
  expect(about).not.toEqual([]);
  expect(caught).toEqual(about);
});

test('the manifest names every sample event, and no other', () => {
  const files = readdirSync('events', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
  expect(manifest.map(({ file }) => file).toSorted()).toEqual(
    files.filter((file) => file !== 'manifest.json').toSorted(),
  );
});

test.each<[string, unknown, string]>([
  ['of no cluster', { clusterId: 'J-1' }, 'clusterId is "J-1"'],
  ['of null', { clusterId: null }, 'clusterId is null'],
])('our own doorbell %s is malformed', (_title, event, reason) => {
  expect(toSignal(event)).toEqual({ kind: 'malformed', reason });
});

test('our own doorbell rings for its cluster', () => {
  expect(toSignal({ clusterId: 'j-2EXAMPLECLUST' })).toEqual({ kind: 'reconcile', at: 'j-2EXAMPLECLUST' });
});

test('a cluster id beside a foreign source is not taken for our doorbell', () => {
  expect(toSignal({ source: 'aws.s3', clusterId: 'j-2EXAMPLECLUST' })).toMatchObject({ kind: 'ignored' });
});

test('what is reported of a broken field is cut', () => {
  const signal = toSignal({ clusterId: 'x'.repeat(10_000) });
  expect(JSON.stringify(signal).length).toBeLessThan(200);
});

test.each([undefined, null, 7, 'text', [], {}])('%j is nobody’s event', (event) => {
  expect(toSignal(event)).toMatchObject({ kind: 'ignored' });
});

const GROUP = { collectionId: 'ig-1EXAMPLECORE0', at: '2026-11-16T20:57:47Z' };
const FLEET = { collectionId: 'if-2EXAMPLEFLEET', at: '2026-11-16T21:05:00Z' };
test.each<[string, object, object, object | undefined]>([
  ['group, RECONFIGURING', GROUP, { state: 'RECONFIGURING' }, { state: 'under way' }],
  ['group, RUNNING', GROUP, {}, { state: 'at rest' }],
  ['fleet, RECONFIGURING', FLEET, { state: 'RECONFIGURING' }, { state: 'under way' }],
  ['fleet, WAITING', FLEET, { state: 'WAITING' }, { state: 'at rest' }],
  ['group, RESIZING', GROUP, { state: 'RESIZING' }, undefined],
  ['group, SUSPENDED', GROUP, { state: 'SUSPENDED' }, undefined],
  ['group without id', GROUP, { instanceGroupId: null }, undefined],
])('what is told of a %s', (_title, whose, detail, state) => {
  const file = whose === GROUP ? 'emr-instance-group-running.json' : 'emr-instance-fleet-waiting-resized.json';
  const { collectionId, at: time } = { ...GROUP, ...whose };
  const id = whose === GROUP ? { instanceGroupId: collectionId } : { instanceFleetId: collectionId };
  const event = mergePatch(read(file), { time, detail: { ...id, ...detail } });
  const expected = state === undefined ? undefined : { ...whose, ...state };
  expect(toSignal(event)).toHaveProperty('at', 'j-2EXAMPLECLUST');
  expect((toSignal(event) as { reconfigured?: object }).reconfigured).toEqual(expected);
});
