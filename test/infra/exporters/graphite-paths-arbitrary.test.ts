import fc from 'fast-check';
import { expect, test } from 'vitest';
import { areas } from '../../../infra/exporters/graphite/paths/all.ts';
import { mappingOf } from '../../../infra/exporters/graphite/paths/render-mapping.ts';
import { sinkRegex } from '../../../infra/exporters/graphite/paths/sink-regex.ts';
import { anyPath, component, leftOutPaths, mappedPath, metrics, pathsLike } from './spark-paths/arbitrary-paths.ts';
import { graphiteExporter, isSample, seriesOf, type Sample } from './spark-paths/graphite-exporter-model.ts';
import { nameOf } from './spark-paths/recordings.ts';

const RUNS = { numRuns: 500 };
const full = graphiteExporter(mappingOf(areas, 'full'));
const essential = graphiteExporter(mappingOf(areas, 'essential'));
const byName = Map.groupBy(metrics, ({ name }) => name);

const take = (path: string): Sample | undefined => {
  const taken = full(`${path} 1 1`);
  return isSample(taken) ? taken : undefined;
};

test('whatever applications, executors, pools, queries and schemes are named, a path of the table is mapped', () => {
  const property = fc.property(mappedPath, ({ metric, path }) => {
    const sample = take(path);
    expect(sample?.labels['application_id']).toBe(path.split('.')[0]);
    expect(metrics.some(({ name }) => name === sample?.name)).toBe(true);
    // A star can stand for a word that another rule has: a collector named direct.
    if (sample?.name === metric.name) expect(Object.keys(sample.labels).sort()).toEqual(labelsOf(metric.name));
  });
  fc.assert(property, RUNS);
});

const labelsOf = (name: string): readonly string[] => {
  const area = areas.find((one) => one.metrics.some((metric) => metric.name === name));
  return Object.keys({ ...area?.labels, ...byName.get(name)?.[0]?.labels }).sort();
};

test('what the table leaves out is dropped, classes of any depth among it', () => {
  const depth = fc.array(component, { minLength: 1, maxLength: 12 }).map((words) => words.join('.'));
  const ofListener = depth.map((name) => `application_1_1.driver.LiveListenerBus.listenerProcessingTime.${name}.p99`);
  const path = fc.oneof(fc.constantFrom(...leftOutPaths).chain(pathsLike), ofListener);
  fc.assert(
    fc.property(path, (one) => {
      // `other statistics` has a star for what is not one of the five.
      expect(full(`${one} 1 1`)).not.toBe('unmatched');
      expect(take(one)?.name ?? 'spark_').toMatch(/^spark_/);
    }),
    RUNS,
  );
  fc.assert(
    fc.property(ofListener, (one) => {
      expect(full(`${one} 1 1`)).toBe('dropped');
    }),
    RUNS,
  );
});

test('two paths are never one series, and a name has always the same labels, whatever arrives', () => {
  const property = fc.property(fc.uniqueArray(anyPath, { minLength: 2, maxLength: 60 }), (paths) => {
    const samples = paths.flatMap((path) => take(path) ?? []);
    expect(new Set(samples.map(seriesOf)).size).toBe(samples.length);
    for (const { name, labels } of samples) expect(Object.keys(labels).sort()).toEqual(labelsOf(name));
  });
  fc.assert(property, { numRuns: 200 });
});

test('whatever arrives, a metric is named as the table names it', () => {
  const property = fc.property(anyPath, (path) => {
    const sample = take(path);
    if (sample !== undefined) expect(byName.has(sample.name)).toBe(true);
  });
  fc.assert(property, RUNS);
});

test('essential is full with less, whatever arrives', () => {
  const property = fc.property(anyPath, (path) => {
    const [little, all] = [essential(`${path} 1 1`), take(path)];
    const isWanted = all !== undefined && byName.get(all.name)?.[0]?.tier === 'essential';
    expect(isSample(little) ? seriesOf(little) : undefined).toBe(isWanted ? seriesOf(all) : undefined);
  });
  fc.assert(property, RUNS);
});

test('what is mapped is sent: the regular expressions keep nothing of it back', () => {
  const sent = { essential: new RegExp(sinkRegex.essential), full: new RegExp(sinkRegex.full) };
  const property = fc.property(mappedPath, ({ path }) => {
    const name = nameOf({ path, value: '1' });
    if (take(path) !== undefined) expect(sent.full.test(name)).toBe(true);
    if (isSample(essential(`${path} 1 1`))) expect(sent.essential.test(name)).toBe(true);
  });
  fc.assert(property, RUNS);
});
