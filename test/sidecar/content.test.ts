import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { contentWorld, dashboard, manifestOf, prices, rules } from './content-world.ts';

const SET = {
  'rules/a.rules.yml': rules('a'),
  'rules/b.rules.yml': rules('b'),
  'dashboards/emr-fleet.json': dashboard('emr-fleet'),
  'prices.csv': prices('m5.xlarge,eu-west-1,SPOT,0.08', 'm5.xlarge,eu-west-1,ON_DEMAND,0.214'),
};
const loadedRules = { 'a.rules.yml': rules('a'), 'b.rules.yml': rules('b') };

async function inUse() {
  const world = await contentWorld();
  world.publish(SET);
  expect(await world.look()).toBe('same');
  world.lines.length = 0;
  world.calls.length = 0;
  return world;
}

describe('what is published', () => {
  test('is loaded by Prometheus, read by Grafana, and its prices are series', async () => {
    const { publish, look, prometheus, inUse: read, metrics, lines, view } = await contentWorld();
    publish(SET);
    expect(await look()).toBe('same');
    expect(prometheus.state.loaded).toEqual(loadedRules);
    expect(await read('dashboards/emr-fleet.json')).toBe(dashboard('emr-fleet'));
    expect(await metrics('emr_instance_price_usd_per_hour{')).toEqual([
      'emr_instance_price_usd_per_hour{instance_type="m5.xlarge",region="eu-west-1",market="SPOT"} 0.08',
      'emr_instance_price_usd_per_hour{instance_type="m5.xlarge",region="eu-west-1",market="ON_DEMAND"} 0.214',
    ]);
    expect(await metrics('emr_sidecar_content_files{')).toEqual([
      'emr_sidecar_content_files{kind="rules"} 2',
      'emr_sidecar_content_files{kind="dashboards"} 1',
      'emr_sidecar_content_files{kind="prices"} 1',
    ]);
    const hash = view().hash ?? '';
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await metrics('emr_sidecar_content_set_info{')).toEqual([
      `emr_sidecar_content_set_info{hash="${hash.slice(0, 12)}"} 1`,
    ]);
    expect(await metrics('emr_sidecar_content_refused')).toEqual(['emr_sidecar_content_refused 0']);
    expect(lines).toEqual([{ level: 'info', message: 'content loaded', fields: { set: hash, files: 4, fetched: 4 } }]);
  });

  test('and not changed costs one GET, no reload and no line', async () => {
    const { look, calls, lines, prometheus } = await inUse();
    await look();
    expect(calls).toEqual(['GetObject']);
    expect(lines).toEqual([]);
    expect(prometheus.state.reloads).toBe(1);
  });

  test('anew has what changed fetched and the rest taken from the set before, which is removed', async () => {
    const { publish, look, calls, sets, prometheus, metrics, inUse: read } = await inUse();
    publish({ 'rules/a.rules.yml': rules('a'), 'rules/b.rules.yml': rules('changed') });
    expect(await look()).toBe('same');
    expect(calls).toEqual(['GetObject', 'GetObject']);
    expect(prometheus.state.loaded).toEqual({ ...loadedRules, 'b.rules.yml': rules('changed') });
    expect(await sets()).toHaveLength(1);
    expect(await read('dashboards/emr-fleet.json')).toBeUndefined();
    expect(await metrics('emr_instance_price_usd_per_hour{')).toEqual([]);
  });

  test('under another ETag with the same files is the same set', async () => {
    const { put, look, prometheus } = await inUse();
    put('content/manifest.json', `${manifestOf(SET)}\n`);
    expect(await look()).toBe('same');
    expect(prometheus.state.reloads).toBe(1);
  });

  test('is in use after a restart without S3 and without a reload, prices too', async () => {
    const { restart, face, look, prometheus, metrics, inUse: read, view } = await inUse();
    const { hash } = view();
    await restart();
    await face.close();
    expect(await look()).toBe('failed');
    expect(await read('rules/a.rules.yml')).toBe(rules('a'));
    expect(await metrics('emr_instance_price_usd_per_hour{')).toHaveLength(2);
    expect(view().hash).toBe(hash);
    expect(prometheus.state.reloads).toBe(1);
  });

  test('is fetched again after a restart when somebody has changed a file of it', async () => {
    const { restart, look, content, calls, inUse: read } = await inUse();
    await writeFile(join(content, 'current/rules/a.rules.yml'), 'mine');
    await restart();
    expect(await look()).toBe('same');
    expect(await read('rules/a.rules.yml')).toBe(rules('a'));
    expect(calls).toEqual(['GetObject', 'GetObject']);
  });

  test('never: two empty folders, no failure, no reload', async () => {
    const { look, content, prometheus, lines } = await contentWorld();
    expect(await look()).toBe('same');
    expect((await readdir(join(content, 'current'))).sort()).toEqual(['dashboards', 'rules']);
    expect([prometheus.state.reloads, lines]).toEqual([0, []]);
  });

  test('and gone stays in use, counted and said once', async () => {
    const { remove, look, errors, prometheus, metrics } = await inUse();
    remove('content/manifest.json');
    expect([await look(), await look()]).toEqual(['failed', 'failed']);
    expect(errors()).toEqual(['content/manifest.json is gone: npm run content -- publish']);
    expect(prometheus.state.loaded).toEqual(loadedRules);
    expect(await metrics('emr_sidecar_content_failures_total')).toEqual([
      'emr_sidecar_content_failures_total{reason="manifest"} 2',
    ]);
  });
});

test('the time of the last success stands still while what is published is not in use', async () => {
  const { look, publish, metrics } = await inUse();
  const time = async () => (await metrics('emr_sidecar_content_last_success_timestamp_seconds'))[0]?.split(' ')[1];
  onTestFinished(() => void vi.useRealTimers());
  vi.setSystemTime('2026-01-01T00:00:00Z');
  await look();
  expect(await time()).toBe('1767225600');
  vi.setSystemTime('2026-01-01T01:00:00Z');
  publish({ 'rules/a.rules.yml': rules('BAD') });
  expect([await look(), await time()]).toEqual(['failed', '1767225600']);
  publish(SET);
  expect([await look(), await time()]).toEqual(['same', '1767229200']);
});

test('Prometheus and Grafana, other users, may read what is in use', async () => {
  const { content } = await inUse();
  const modes = ['current', 'current/rules', 'current/rules/a.rules.yml'].map(async (path) =>
    ((await stat(join(content, path))).mode & 0o777).toString(8),
  );
  expect(await Promise.all(modes)).toEqual(['755', '755', '644']);
});
