import { rulesOfDaemons } from '../infra/exporters/jmx/rules/all.ts';
import { expand } from '../infra/exporters/jmx/rules/table.ts';
import { areas } from '../infra/exporters/graphite/paths/all.ts';

type Labels = Readonly<Record<string, string>>;

/** One series of a page, without the labels of its target. */
export interface Shape {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly labels: Labels;
}

/** What stands for a changing part: as many series as there are values. Sizes of a usual cluster of EMR. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  queue: ['root', 'root.default', 'root.etl', 'root.adhoc', 'root.etl.hourly', 'root.etl.daily'],
  gc: ['G1 Young Generation', 'G1 Old Generation'],
  port: ['8020'],
  pool: ['direct'],
  state: ['active'],
  volume: ['/mnt/hdfs', '/mnt1/hdfs'],
  scheme: ['hdfs', 'file'],
};
/** Of these a cluster has none by default: node labels, erasure coding, streaming. */
const ABSENT = new Set(['partition', 'query', 'stream', 'transport']);

const isChanging = (value: string): boolean => value.includes('$');

/** Every set of labels that the templates can become. */
function instances(labels: Labels, own: readonly string[]): readonly Labels[] {
  const changing = Object.entries(labels).filter(([name, value]) => isChanging(value) && !own.includes(name));
  if (changing.some(([name]) => ABSENT.has(name))) return [];
  const fixed = Object.fromEntries(Object.entries(labels).filter(([, value]) => !isChanging(value)));
  return changing.reduce<readonly Labels[]>(
    (sets, [name]) => (VALUES[name] ?? ['one']).flatMap((value) => sets.map((set) => ({ ...set, [name]: value }))),
    [fixed],
  );
}

/** A daemon's page, from the very table that jmx_exporter's rules are made of. */
export function daemonPage(daemon: string): readonly Shape[] {
  const beans = rulesOfDaemons.find((rules) => rules.daemon === daemon)?.beans ?? [];
  const shapes = beans.flatMap((bean) =>
    bean.metrics
      .flatMap(expand)
      .flatMap(({ name, type, labels }) =>
        instances({ ...bean.labels, ...labels }, []).map((set) => ({ name: bean.prefix + name, type, labels: set })),
      ),
  );
  return distinct(shapes);
}

/** What one process of a Spark application adds to its node's page; the application master's beside its driver's. */
export function sparkPage(process: 'driver' | 'executor'): readonly Shape[] {
  const shapes = areas
    .filter(({ labels }) => process === 'driver' || labels['executor_id'] === '$2')
    .flatMap((area) =>
      area.metrics
        .filter(({ tier }) => tier === 'essential')
        .flatMap(({ name, type, labels }) =>
          instances({ ...labels }, []).map((set) => ({ name, type, labels: { ...set, ...owner(area.labels) } })),
        ),
    );
  return distinct(shapes);
}

/** Marks what the fleet fills in. */
const owner = (labels: Labels): Labels => ('executor_id' in labels ? { executor_id: '' } : {});

/** Queues have a bean for each of their levels, and a flag one rule for each of its texts. */
const distinct = (shapes: readonly Shape[]): readonly Shape[] => [
  ...new Map(shapes.map((shape) => [JSON.stringify([shape.name, shape.labels]), shape])).values(),
];
