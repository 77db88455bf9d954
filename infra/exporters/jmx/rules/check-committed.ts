import { readdir, readFile } from 'node:fs/promises';
import { ConfigError } from '../../../../shared/core/errors.ts';
import { daemons } from '../daemons.ts';
import { rulesOfDaemons } from './all.ts';
import { checkTable } from './check-table.ts';
import { renderYaml } from './render-yaml.ts';

/**
 * Nothing but what the table says is packaged: a rule file that was changed by hand, merged badly or left behind would
 * otherwise be found out on a node, by an exporter that does not come up.
 */
export async function checkCommitted(folder: URL, table = rulesOfDaemons): Promise<void> {
  const made = new Map(checkTable(table).map((rules) => [`${rules.daemon}.yml`, renderYaml(rules)]));
  const watched = daemons.map(({ name }) => `${name}.yml`);
  const there = (await readdir(folder)).filter((name) => name.endsWith('.yml'));
  const texts = await Promise.all(there.map(async (name) => await readFile(new URL(name, folder), 'utf8')));
  const committed = new Map(there.map((name, at) => [name, texts[at]]));
  const problems = [...new Set([...made.keys(), ...watched, ...there])].toSorted().flatMap((name) => {
    if (!watched.includes(name)) return `rules/${name}: no daemon of daemons.ts has this name: remove the file`;
    if (!made.has(name)) return `rules/${name}: the table has no rules for it: add them to all.ts`;
    return committed.get(name) === made.get(name) ? [] : `rules/${name}: is not what the table says: npm run metrics`;
  });
  if (problems.length > 0) throw new ConfigError(`the rules of jmx:\n${problems.join('\n')}`);
}
