import { expect, test } from 'vitest';
import { entry as jmx } from '../../../infra/exporters/jmx/options.ts';
import { parseMonitoring } from '../../../shared/core/parse-monitoring.ts';

/** `path = value: expectation` of each problem that a section `jmx` has. */
function problems(section: object): readonly string[] {
  const parsed = parseMonitoring({ exporters: { jmx: section } }, [jmx]);
  if ('monitoring' in parsed) return [];
  return parsed.problems.map(
    ({ path, value, expected }) => `${path.join('.')} = ${JSON.stringify(value)}: ${expected}`,
  );
}

test('what is left out: beside the daemons, asked every six hours, each on its own port', () => {
  const parsed = parseMonitoring({ exporters: { jmx: {} } }, [jmx]);
  expect(parsed).toMatchObject({
    monitoring: {
      exporters: { jmx: { ports: { namenode: 17101, zkfc: 17110 }, options: { mode: 'connector', recheck: 6 } } },
    },
  });
});

const HOURS = 'a whole number of hours from 1 to 168';
test.each<[string, object, RegExp]>([
  [
    'a mode that does not exist',
    { options: { mode: 'attach' } },
    /^exporters\.jmx\.options\.mode = "attach": connector or agent$/,
  ],
  ['a re-check of no hours', { options: { recheck: 0 } }, new RegExp(`recheck = 0: ${HOURS}$`)],
  ['a re-check of half an hour', { options: { recheck: 0.5 } }, new RegExp(`recheck = 0.5: ${HOURS}$`)],
  ['a re-check of more than a week', { options: { recheck: 169 } }, new RegExp(`recheck = 169: ${HOURS}$`)],
  ['an option that does not exist', { options: { modus: 'agent' } }, /^exporters\.jmx\.options.*modus/],
  ['a daemon that does not exist', { ports: { namenod: 17101 } }, /^exporters\.jmx\.ports.*namenod/],
  [
    'a port twice',
    { ports: { namenode: 17102, datanode: 17102 } },
    /^exporters\.jmx\.ports\.\w+ = 17102: .*(namenode|datanode)/,
  ],
  ['one port for ten daemons', { port: 17101 }, /^exporters\.jmx\.port/],
  [
    'a port that is none',
    { ports: { namenode: 80 } },
    /^exporters\.jmx\.ports\.namenode = 80: a whole number from 1024/,
  ],
])('%s is refused, with the field and what it may be', (_title, section, expected) => {
  expect(problems(section)).toEqual([expect.stringMatching(expected)]);
});
