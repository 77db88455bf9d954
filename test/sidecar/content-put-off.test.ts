import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { directivesOf } from '../infra/exporters/systemd-directives.ts';
import { contentWorld, keyOf, program, rules } from './content-world.ts';
import { temporaryFolder } from './sidecar-world.ts';

const FILES = ['rules/a.yml', 'rules/b.yml', 'rules/c.yml'];
const OLD = Object.fromEntries(FILES.map((path) => [path, rules('old')]));
const NEW = Object.fromEntries(FILES.map((path) => [path, rules(`new ${path}`)]));
const LAST = 'rules/c.yml';
const LAST_KEY = keyOf(LAST, NEW[LAST] ?? '');
const PUT_OFF = 'emr_sidecar_content_put_off_total';
const FAILURES = 'emr_sidecar_content_failures_total';

/** Looks at which more than the manifest is fetched, of so many. */
async function triesOf({ look, calls }: Awaited<ReturnType<typeof contentWorld>>, looks: number) {
  const tries: number[] = [];
  for (let number = 1; number <= looks; number += 1) {
    calls.length = 0;
    expect([number, await look()]).toEqual([number, 'failed']);
    if (calls.length > 1) tries.push(number);
  }
  return tries;
}

describe('a set that fails for a reason that may pass', () => {
  test('is fetched ever less often, each ten minutes in the end; every look is counted as failed, and it is said once', async () => {
    const world = await contentWorld();
    world.publish(OLD);
    await world.look();
    world.publish(NEW);
    world.put(LAST_KEY, 'by hand');
    expect(await triesOf(world, 80)).toEqual([1, 2, 4, 8, 16, 32, 52, 72]);
    expect(await world.metrics(PUT_OFF)).toEqual([`${PUT_OFF} 72`]);
    expect(await world.metrics(FAILURES)).toEqual([`${FAILURES}{reason="files"} 80`]);
    expect(world.errors()).toHaveLength(1);
    expect(world.prometheus.state.loaded).toEqual({
      'a.yml': rules('old'),
      'b.yml': rules('old'),
      'c.yml': rules('old'),
    });
  });

  test('is taken when its turn comes, once the reason has passed', async () => {
    const world = await contentWorld();
    world.publish(NEW);
    world.remove(LAST_KEY);
    expect(await triesOf(world, 3)).toEqual([1, 2]);
    world.publish(NEW);
    expect(await world.look()).toBe('same');
    expect(await world.inUse(LAST)).toBe(NEW[LAST]);
  });

  test('gives way to another set at once, and begins anew when it is published again', async () => {
    const world = await contentWorld();
    world.publish(NEW);
    world.remove(LAST_KEY);
    expect(await triesOf(world, 5)).toEqual([1, 2, 4]);
    world.publish(OLD);
    expect(await world.look()).toBe('same');
    world.publish(NEW);
    world.remove(LAST_KEY);
    expect(await triesOf(world, 3)).toEqual([1, 2]);
  });

  test('as promtool is killed or late has promtool run as seldom', async () => {
    const runs = join(await temporaryFolder(), 'runs');
    await writeFile(runs, '');
    const world = await contentWorld(await program(`#!/bin/sh\necho run >> ${runs}\nkill -9 $$\n`));
    world.publish(NEW);
    expect(await triesOf(world, 20)).toEqual([1, 2, 4, 8, 16]);
    expect(await readFile(runs, 'utf8')).toBe('run\n'.repeat(5));
    expect(await world.metrics(FAILURES)).toEqual([`${FAILURES}{reason="promtool"} 20`]);
  });
});

test('when the unit has no memory left the kernel takes promtool, and systemd leaves the sidecar alone', async () => {
  const unit = await readFile('infra/host/prometheus-on-emr-sidecar.service', 'utf8');
  expect(directivesOf(unit).map(({ line }) => line)).toContain('OOMPolicy=continue');
  const script = '#!/bin/sh\nuntil [ "$(cat /proc/$$/oom_score_adj)" = 1000 ]; do :; done\n';
  const world = await contentWorld(await program(script));
  world.publish(NEW);
  expect(await world.look()).toBe('same');
  expect(await readFile('/proc/self/oom_score_adj', 'utf8')).not.toBe('1000\n');
});
