import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { areas } from '../../../infra/exporters/graphite/paths/all.ts';
import { mappingOf } from '../../../infra/exporters/graphite/paths/render-mapping.ts';
import { sinkRegex } from '../../../infra/exporters/graphite/paths/sink-regex.ts';
import { anyPath, component, leftOutPaths, mappedPath, metrics, pathsLike } from './spark-paths/arbitrary-paths.ts';
import { graphiteExporter, isSample, seriesOf, type Sample } from './spark-paths/graphite-exporter-model.ts';
import { nameOf } from './spark-paths/recordings.ts';

const RUNS = { numRuns: 500 };
const byName = Map.groupBy(metrics, ({ name }) => name);
const take = {
  essential: graphiteExporter(mappingOf(areas, 'essential')),
  full: graphiteExporter(mappingOf(areas, 'full')),
};
const sampleOf = (path: string): Sample | undefined => {
  const taken = take.full(`${path} 1 1`);
  return isSample(taken) ? taken : undefined;
};

const labelsOf = (name: string): readonly string[] => {
  const area = areas.find((one) => one.metrics.some((metric) => metric.name === name));
  return Object.keys({ ...area?.labels, ...byName.get(name)?.[0]?.labels }).sort();
};

test('whatever applications, executors, pools, queries and schemes are named, a path of the table is mapped', () => {
  const property = fc.property(mappedPath, ({ path }) => {
    const sample = sampleOf(path);
    expect(sample?.labels['application_id']).toBe(path.split('.')[0]);
    expect(Object.keys(sample?.labels ?? {}).sort()).toEqual(labelsOf(sample?.name ?? ''));
  });
  fc.assert(property, RUNS);
});

test('what the table leaves out is not unmatched, and a class of any depth is dropped', () => {
  const depth = fc.array(component, { minLength: 1, maxLength: 12 }).map((words) => words.join('.'));
  const ofListener = depth.map((name) => `application_1_1.driver.LiveListenerBus.listenerProcessingTime.${name}.p99`);
  const property = fc.property(fc.constantFrom(...leftOutPaths).chain(pathsLike), ofListener, (path, listener) => {
    expect(take.full(`${path} 1 1`)).not.toBe('unmatched');
    expect(take.full(`${listener} 1 1`)).toBe('dropped');
  });
  fc.assert(property, RUNS);
});

test('two paths are never one series, and a name has always the same labels, whatever arrives', () => {
  const property = fc.property(fc.uniqueArray(anyPath, { minLength: 2, maxLength: 60 }), (paths) => {
    const samples = paths.flatMap((path) => sampleOf(path) ?? []);
    expect(new Set(samples.map(seriesOf)).size).toBe(samples.length);
    for (const { name, labels } of samples) expect(Object.keys(labels).sort()).toEqual(labelsOf(name));
  });
  fc.assert(property, { numRuns: 200 });
});

test('whatever arrives, a metric is named as the table names it: by no id and no text of a user', () => {
  const property = fc.property(fc.array(anyPath, { maxLength: 60 }), (paths) => {
    const names = paths.flatMap((path) => sampleOf(path)?.name ?? []);
    expect(names.filter((name) => !byName.has(name))).toEqual([]);
  });
  fc.assert(property, { numRuns: 200 });
});

test('essential is full with less, whatever arrives', () => {
  const property = fc.property(anyPath, (path) => {
    const [little, all] = [take.essential(`${path} 1 1`), sampleOf(path)];
    const isWanted = all !== undefined && byName.get(all.name)?.[0]?.tier === 'essential';
    expect(isSample(little) ? seriesOf(little) : undefined).toBe(isWanted ? seriesOf(all) : undefined);
  });
  fc.assert(property, RUNS);
});

test.each(['essential', 'full'] as const)(
  'what %s maps is sent: the regular expression keeps nothing of it back',
  (tier) => {
    const isSent = new RegExp(sinkRegex[tier]);
    const property = fc.property(fc.array(mappedPath, { maxLength: 60 }), (paths) => {
      const shown = paths.map(({ path }) => path).filter((path) => isSample(take[tier](`${path} 1 1`)));
      expect(shown.filter((path) => !isSent.test(nameOf({ path, value: '1' })))).toEqual([]);
    });
    fc.assert(property, { numRuns: 100 });
  },
);
