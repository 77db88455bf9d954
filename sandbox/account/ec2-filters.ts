import { notImplemented, WireFault } from './wire.ts';

/** A request's parameters, `Filter.1.Name` … among them. */
export type Form = ReadonlyMap<string, string>;
/** What a filter of this name looks at in an item; `undefined` for one that is not modelled. */
type Subject<T> = (filter: string) => ((item: T) => readonly string[]) | undefined;

/** `Name.1`, `Name.2` … in order. */
export function list(form: Form, name: string): readonly string[] {
  const values: string[] = [];
  for (let n = 1; form.has(`${name}.${n}`); n += 1) values.push(form.get(`${name}.${n}`) ?? '');
  return values;
}

/** docs: AWSEC2/latest/UserGuide/Using_Filtering: at most 200 values of a filter. */
const MAX_VALUES = 200;

/**
 * Values of one filter are alternatives, filters are all needed; `*` and `?` are wildcards.
 */
export function filters<T>(form: Form, action: string, subject: Subject<T>): (item: T) => boolean {
  const tests: ((item: T) => boolean)[] = [];
  for (let n = 1; form.has(`Filter.${n}.Name`); n += 1) {
    const name = form.get(`Filter.${n}.Name`) ?? '';
    const read = subject(name);
    if (read === undefined) throw notImplemented(`the filter ${name} of ${action}`);
    const values = list(form, `Filter.${n}.Value`);
    if (values.length > MAX_VALUES) {
      const message = `The maximum number of filter values specified on a single call is ${MAX_VALUES}`;
      throw new WireFault('FilterLimitExceeded', message);
    }
    const passes = oneOf(values);
    tests.push((item) => read(item).some(passes));
  }
  return (item) => tests.every((passes) => passes(item));
}

function oneOf(values: readonly string[]): (text: string) => boolean {
  const plain = new Set(values);
  const patterns = values.filter((value) => /[*?]/.test(value)).map(wildcard);
  return (text) => plain.has(text) || patterns.some((pattern) => pattern.test(text));
}

const wildcard = (value: string): RegExp =>
  new RegExp(
    `^${value
      .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    's',
  );
