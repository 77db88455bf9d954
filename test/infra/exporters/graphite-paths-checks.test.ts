import { describe, expect, test } from 'vitest';
import { checkRules, checkTable } from '../../../infra/exporters/graphite/paths/check-table.ts';
import { mappingOf } from '../../../infra/exporters/graphite/paths/render-mapping.ts';
import {
  area,
  counter,
  each,
  gauge,
  leftOut,
  type Metric,
  type Unit,
} from '../../../infra/exporters/graphite/paths/table.ts';
import { graphiteExporter } from './spark-paths/graphite-exporter-model.ts';

const TASKS = gauge('spark_executor_tasks', 'tasks', 'none', 'Tasks.');
const ofExecutors = (...metrics: readonly Metric[]) => [
  area('Executors', { of: 'process', source: 'executor', metrics }),
];

describe('a row of the table is refused, with the field and the fix', () => {
  test.each<readonly [string, readonly Metric[], RegExp]>([
    [
      'an unknown unit',
      [{ ...TASKS, unit: 'furlongs' as Unit }],
      /executor\.tasks: unit: 'furlongs' is not known: take/,
    ],
    ['a name without its unit', [{ ...TASKS, unit: 'bytes' }], /name: a gauge in bytes ends in '_bytes'/],
    ['a counter without _total', [{ ...TASKS, type: 'counter' }], /name: a counter in none ends in '_total'/],
    ['a gauge with _total', [{ ...TASKS, name: 'spark_executor_tasks_total' }], /only a counter's ends in '_total'/],
    ['a name of another kind', [{ ...TASKS, name: 'spark_executor_info' }], /name: '_info' means something else/],
    ['a name without spark_', [{ ...TASKS, name: 'executor_tasks' }], /name: 'spark_', an area/],
    ['a name made of a path', [{ ...TASKS, name: 'spark_executor_$1' }], /name: 'spark_', an area/],
    ['a path with a quote', [{ ...TASKS, path: "task's" }], /path: words of letters/],
    ['a label of every target', [{ ...TASKS, labels: { instance: 'x' } }], /labels: 'instance' is not one of/],
    ['a reserved label', [{ ...TASKS, labels: { __name__: 'x' } }], /labels: '__name__' is not one of/],
    [
      'a star that is not there',
      [{ ...TASKS, labels: { pool: '$3' } }],
      /every star in one label.*: \$1 \$2, not \$1 \$2 \$3/,
    ],
    ['a star without a label', [{ ...TASKS, path: 'tasks.*' }], /every star in one label.*: \$1 \$2 \$3, not \$1 \$2/],
    [
      'a star in two labels',
      [{ ...TASKS, labels: { pool: '$1' } }],
      /every star in one label.*: \$1 \$2, not \$1 \$1 \$2/,
    ],
    [
      'text around a star',
      [{ ...TASKS, labels: { pool: 'a$1' } }],
      /labels: 'pool' is 'a\$1': a star's number, or a word/,
    ],
    ['a help text that is no sentence', [{ ...TASKS, help: 'tasks' }], /help: a sentence with a full stop/],
    [
      'one series of two paths',
      [TASKS, { ...TASKS, path: 'other' }],
      /other: labels: another metric of this name can have/,
    ],
    [
      'a fixed label where another path has a star',
      [
        { ...TASKS, labels: { pool: 'a' } },
        { ...TASKS, path: '*.tasks', labels: { pool: '$3' } },
      ],
      /labels: another metric of this name can have the same/,
    ],
    [
      'one name with two sets of labels',
      [TASKS, { ...TASKS, path: 'other', labels: { pool: 'a' } }],
      /labels: another metric of this name has others/,
    ],
    [
      'one name with two help texts',
      [
        { ...TASKS, labels: { pool: 'a' } },
        { ...TASKS, path: 'other', labels: { pool: 'b' }, help: 'Others.' },
      ],
      /name: another metric of it has another type, unit or help/,
    ],
    [
      'one path twice',
      [TASKS, { ...TASKS, name: 'spark_executor_others' }],
      /\*\.\*\.executor\.tasks: path: is there twice/,
    ],
  ])('%s', (_, metrics, message) => {
    expect(() => checkTable(ofExecutors(...metrics))).toThrow(message);
  });

  test('a path that is left out without a reason', () => {
    const silent = area('Executors', { of: 'process', source: 'executor', leftOut: [leftOut('tasks', '')] });
    expect(() => checkTable([silent])).toThrow('*.*.executor.tasks: reason: say why');
  });

  test('all of it is told at once', () => {
    expect(() => checkTable(ofExecutors({ ...TASKS, name: 'Tasks', help: 'tasks' }))).toThrow(/name: .*\n.*help: /);
  });

  test('a good one is not', () => {
    const good = ofExecutors(
      TASKS,
      ...each('memory', ['OnHeap', 'OffHeap'], gauge('spark_executor_used_bytes', '%.used', 'bytes', 'Used.')),
    );
    expect(checkTable(good)).toBe(good);
    expect(good[0]?.metrics.map(({ labels }) => labels)).toEqual([{}, { memory: 'on_heap' }, { memory: 'off_heap' }]);
  });
});

describe('rules of which one is never used are found, and the order that is made has none', () => {
  const short = { match: '*.executor', name: 'short' };
  const long = { match: '*.executor.tasks', name: 'long' };
  const wide = { match: '*.*.tasks', name: 'wide' };

  test('graphite_exporter loses a rule that begins an earlier, longer one', () => {
    expect(graphiteExporter({ mappings: [long, short] })('a.executor 1 1')).toBe('unmatched');
    expect(graphiteExporter({ mappings: [short, long] })('a.executor 1 1')).toMatchObject({ name: 'short' });
    expect(checkRules([long, short])).toEqual([expect.stringMatching(/^\*\.executor: is lost/)]);
    expect(checkRules([short, long])).toEqual([]);
  });

  test('the first of two that match is taken', () => {
    expect(graphiteExporter({ mappings: [wide, long] })('a.executor.tasks 1 1')).toMatchObject({ name: 'wide' });
    expect(graphiteExporter({ mappings: [long, wide] })('a.executor.tasks 1 1')).toMatchObject({ name: 'long' });
    expect(checkRules([wide, long])).toEqual([
      expect.stringMatching(/^\*\.executor\.tasks: is hidden by \*\.\*\.tasks/),
    ]);
    expect(checkRules([long, wide])).toEqual([]);
  });

  test('a glob is taken before a regular expression that stands first', () => {
    const regex = { match: '^(.+)\\.tasks$', match_type: 'regex', name: 'regex' } as const;
    expect(graphiteExporter({ mappings: [regex, long] })('a.executor.tasks 1 1')).toMatchObject({ name: 'long' });
    expect(graphiteExporter({ mappings: [regex, long] })('b.tasks 1 1')).toMatchObject({ name: 'regex' });
  });

  test('shorter paths and fewer stars come first, after regular expressions, however the table has them', () => {
    const metric = (path: string) => counter('spark_executor_tasks_total', path, 'none', 'Tasks.');
    const paths = ['**.tasks', '*.tasks.count', 'running.tasks', 'a.b.c', '*.tasks'];
    const { mappings } = mappingOf(ofExecutors(...paths.map(metric)), 'full');
    expect(mappings.map(({ match }) => match)).toEqual([
      '^([^.]+)\\.([^.]+)\\.executor\\.(.+)\\.tasks$',
      '*.*.executor.running.tasks',
      '*.*.executor.*.tasks',
      '*.*.executor.a.b.c',
      '*.*.executor.*.tasks.count',
    ]);
    expect(checkRules(mappings)).toEqual([]);
  });
});
