import { describe, expect, test } from 'vitest';
import { contentWorld, prices, program, rules } from './content-world.ts';

const OLD = { 'rules/a.rules.yml': rules('old'), 'prices.csv': prices('m5.large,eu-west-1,SPOT,1') };
const NEW = { 'rules/a.rules.yml': rules('new'), 'prices.csv': prices('m5.large,eu-west-1,SPOT,2') };
const PRICE = 'emr_instance_price_usd_per_hour{instance_type="m5.large",region="eu-west-1",market="SPOT"}';

async function inUse(promtool?: string) {
  const world = await contentWorld(promtool);
  world.publish(OLD);
  expect(await world.look()).toBe('same');
  world.lines.length = 0;
  world.publish(NEW);
  const isAll = async (name: 'old' | 'new', price: number): Promise<void> => {
    expect(await world.inUse('rules/a.rules.yml')).toBe(rules(name));
    expect(world.prometheus.state.loaded).toEqual({ 'a.rules.yml': rules(name) });
    expect(await world.metrics('emr_instance_price_usd_per_hour{')).toEqual([`${PRICE} ${price}`]);
    expect(await world.sets()).toHaveLength(1);
  };
  return { ...world, state: world.prometheus.state, isOld: () => isAll('old', 1), isNew: () => isAll('new', 2) };
}

const loads = 'emr_sidecar_content_loads_total';

describe('when Prometheus refuses a set', () => {
  test('the last good one is loaded again, it is said and counted, and that set is not tried again', async () => {
    const { state, look, isOld, lines, metrics } = await inUse();
    state.refuses = /new/;
    expect(await look()).toBe('failed');
    await isOld();
    expect(state.reloads).toBe(3);
    expect(await look()).toBe('failed');
    expect(state.reloads).toBe(3);
    expect(lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'Prometheus refused new content, the last good one is loaded again'],
      ['error', 'published content not in use, the last good one stays'],
    ]);
    expect(lines[1]?.fields['error']).toMatch(
      /^Prometheus refuses \(its log has the file and line\): failed to reload/,
    );
    expect(await metrics('emr_sidecar_content_refused')).toEqual(['emr_sidecar_content_refused 1']);
    expect(await metrics(loads)).toEqual([`${loads}{result="loaded"} 2`, `${loads}{result="refused"} 1`]);
  });

  test('that is the first one ever, none is in use', async () => {
    const { publish, look, prometheus, inUse: read, view } = await contentWorld();
    publish(NEW);
    prometheus.state.refuses = /new/;
    expect(await look()).toBe('failed');
    expect(await read('rules/a.rules.yml')).toBeUndefined();
    expect(prometheus.state.loaded).toEqual({});
    expect(view()).toMatchObject({ hash: undefined, files: [], problem: expect.stringContaining('refuses') as string });
  });

  test('because of its own configuration, the new set is loaded as soon as that is mended, without another publish', async () => {
    const { state, look, inUse: read, isNew, errors, metrics } = await inUse();
    state.refuses = /./;
    expect(await look()).toBe('failed');
    expect(await look()).toBe('failed');
    expect(await read('rules/a.rules.yml')).toBe(rules('old'));
    expect(errors()).toEqual([
      expect.stringMatching(/^Prometheus refuses its configuration with the last good content, too \(promtool check/),
    ]);
    expect(await metrics('emr_sidecar_content_refused')).toEqual(['emr_sidecar_content_refused 0']);
    state.refuses = undefined;
    expect(await look()).toBe('same');
    await isNew();
  });
});

describe('when Prometheus is not there', () => {
  test('nothing is put before it until it is, then it is loaded; nothing is fetched meanwhile', async () => {
    const { prometheus, look, isOld, isNew, calls, errors, said } = await inUse();
    await prometheus.stop();
    calls.length = 0;
    for (let looks = 0; looks < 3; looks += 1) expect(await look()).toBe('failed');
    await isOld();
    expect(calls).toEqual(['GetObject', 'GetObject', 'GetObject']);
    expect(errors()).toEqual([expect.stringMatching(/^GET \/-\/ready of Prometheus at http:.*ECONNREFUSED/)]);
    await prometheus.start();
    expect(await look()).toBe('same');
    await isNew();
    expect(said().at(-1)).toBe('content is in use as it is published again');
  });

  test('yet, as it replays its log, it is waited for', async () => {
    const { state, look, isOld, isNew } = await inUse();
    state.isReady = false;
    expect(await look()).toBe('failed');
    await isOld();
    state.isReady = true;
    expect(await look()).toBe('same');
    await isNew();
  });

  test('any more when it is asked to reload, it finds the last good set when it starts, and loads the new one then', async () => {
    const { state, look, inUse: read, isNew, errors } = await inUse();
    state.onReload = () => 'hang up';
    expect(await look()).toBe('failed');
    expect(await read('rules/a.rules.yml')).toBe(rules('old'));
    expect(errors()).toEqual([expect.stringContaining('POST /-/reload of Prometheus')]);
    state.onReload = undefined;
    expect(await look()).toBe('same');
    await isNew();
  });

  test('and the old set is published again, it is made to read that, for it may have read the other', async () => {
    const { state, look, publish, isOld } = await inUse();
    state.onReload = () => 'hang up';
    await look();
    state.loaded = { 'a.rules.yml': rules('new') };
    state.onReload = undefined;
    publish(OLD);
    expect(await look()).toBe('same');
    await isOld();
  });

  test.each([403, 404, 405])('for reloads (HTTP %d), it is said how it is started', async (status) => {
    const { state, look, isNew, errors } = await inUse();
    state.onReload = () => status;
    expect(await look()).toBe('failed');
    expect(errors()).toEqual([
      expect.stringMatching(/does not reload \(HTTP 40\d\): start it with --web\.enable-lifecycle$/),
    ]);
    state.onReload = undefined;
    expect(await look()).toBe('same');
    await isNew();
  });
});

describe('when promtool gives no verdict, the last good set stays, and it is looked at again', () => {
  test('it is missing', async () => {
    const { publish, look, errors, metrics, inUse: read } = await contentWorld('/nonexistent/promtool');
    publish(NEW);
    expect([await look(), await look()]).toEqual(['failed', 'failed']);
    expect(errors()).toEqual([
      expect.stringMatching(/^--promtool "\/nonexistent\/promtool" cannot be run .*ENOENT.*: give the path/),
    ]);
    expect(await read('rules/a.rules.yml')).toBeUndefined();
    expect(await metrics('emr_sidecar_content_failures_total')).toEqual([
      'emr_sidecar_content_failures_total{reason="promtool"} 2',
    ]);
  });

  test('it is killed', async () => {
    const { publish, look, errors } = await contentWorld(await program('#!/bin/sh\nkill -9 $$\n'));
    publish(NEW);
    expect(await look()).toBe('failed');
    expect(errors()).toEqual([expect.stringMatching(/was killed \(by the memory limit of the unit\?\)$/)]);
  });

  test('but a set without rules needs none', async () => {
    const { publish, look } = await contentWorld('/nonexistent/promtool');
    publish({ 'prices.csv': prices() });
    expect(await look()).toBe('same');
  });
});
