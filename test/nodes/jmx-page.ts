import { rulesOfDaemons } from '../../infra/exporters/jmx/rules/all.ts';
import { rulesFile } from '../../infra/exporters/jmx/rules/render-yaml.ts';
import type { DaemonName } from '../../sandbox/hadoop/daemon-table.ts';
import { readJmx, type JmxBean } from '../../sandbox/hadoop/run-daemons.ts';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { scrape } from '../infra/exporters/jmx-rules/jmx-exporter-model.ts';
import type { Attribute, Value } from '../infra/exporters/jmx-rules/recordings.ts';

const isValue = (value: unknown): value is Value => ['number', 'boolean', 'string'].includes(typeof value);

/** What /jmx says, as the model takes it. */
const attributesOf = ({ name: bean, ...attributes }: JmxBean): readonly Attribute[] =>
  Object.entries(attributes).flatMap(([attribute, value]): readonly Attribute[] => {
    if (isValue(value)) return [{ bean, path: attribute, value }];
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return [];
    return Object.entries(value).flatMap(([key, part]) =>
      isValue(part) ? [{ bean, path: `${attribute}:${key}`, value: part }] : [],
    );
  });

export const rulesOf = (name: DaemonName) => {
  const rules = rulesOfDaemons.find(({ daemon }) => daemon === name);
  if (rules === undefined) throw new Error(`no rules for ${name}`);
  return rulesFile(rules);
};

const series = (name: string, labels: readonly string[]): string => `${name}{${[...labels].sort().join(',')}}`;

/** What the daemon itself says, through our rules: value and bean by series. */
export async function saidBy(node: SandboxNode, name: DaemonName) {
  const { samples } = scrape(rulesOf(name), (await readJmx(node, name)).flatMap(attributesOf));
  return new Map(
    samples.map((sample) => {
      const labels = Object.entries(sample.labels).map(([label, value]) => `${label}="${value}"`);
      return [series(sample.name, labels), sample];
    }),
  );
}

/** The series of a page, but for jmx_exporter's own. */
export const numbersOf = (page: string): ReadonlyMap<string, number> =>
  new Map(
    [...page.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)]
      .filter(([, name = '']) => !name.startsWith('jmx_'))
      .map(([, name = '', labels = '', value]) => [series(name, labels.match(/\w+="[^"]*"/g) ?? []), Number(value)]),
  );
