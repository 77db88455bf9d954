import * as fc from 'fast-check';
import { areas } from '../../../../infra/exporters/graphite/paths/all.ts';

export const metrics = areas.flatMap((area) =>
  area.metrics.map((metric) => ({ ...metric, path: area.prefix + metric.path })),
);
export const leftOutPaths = areas.flatMap(({ prefix, leftOut: rest }) =>
  rest.flatMap(({ paths }) => paths.split(' ').map((path) => prefix + path)),
);

/** GraphiteSanitize puts `-` for whitespace; `;` begins a tag, which the sink's regular expression keeps back. */
const sanitized = (text: string): string => text.replaceAll(/\s+/g, '-').replaceAll(';', ',');
const characters = fc.constantFrom(...Array.from('abcXYZ019 .-_\'"\\(){}[]$%=:/#!ä漢\u{1F525}'));
const text = fc.string({ unit: characters, minLength: 1, maxLength: 20 }).map(sanitized);
/** A component that is `*` and nothing else is to graphite_exporter no capture; Spark has no such name. */
export const component = text.map((name) => name.replaceAll('.', '')).filter((name) => name !== '' && name !== '*');
/** Mostly one of few, so that paths differ in as little as they can. */
const application = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('application_1_1', 'application_1_2') },
  fc.tuple(fc.nat(), fc.nat()).map(([time, number]) => `application_${time}_${number}`),
  fc.nat().map((time) => `local-${time}`),
  component,
);
const executor = fc.oneof({ weight: 4, arbitrary: fc.constantFrom('driver', '1', '2') }, fc.nat().map(String));

/** The path with something for each star: an application, an executor, and then whatever a user may have named. */
export const pathsLike = (path: string): fc.Arbitrary<string> => {
  const kinds = path.split('.').map((word, index): fc.Arbitrary<string> => {
    if (word === '**') return text.filter((name) => !/^\*?$/.test(name));
    if (word !== '*') return fc.constant(word);
    return [application, executor][index] ?? component;
  });
  return fc.tuple(...kinds).map((words) => words.join('.'));
};

export const mappedPath = fc
  .constantFrom(...metrics)
  .chain((metric) => pathsLike(metric.path).map((path) => ({ metric, path })));
const words = [...new Set([...metrics.map(({ path }) => path), ...leftOutPaths].flatMap((path) => path.split('.')))];
const word = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...words.filter((one) => !one.includes('*'))) },
  { weight: 1, arbitrary: component },
);
/** Words of the table in any order, words of a user among them; and whole paths. */
export const anyPath = fc.oneof(
  fc.array(word, { minLength: 1, maxLength: 9 }).map((some) => some.join('.')),
  mappedPath.map(({ path }) => path),
);
