import { parseCommand } from '../parse-command.ts';

const USAGE = `npm run test:soak [-- NAME… [-- OPTION…]]

Repetitions and floods on systemd nodes, half an hour on two cores.

  NAME     only files of test/soak with it in their path
  OPTION   vitest's: npm run test:soak -- -- -t 'words of a title'`;

/** What Node.js runs where `npm run test:soak` is given these. */
export function soakCommand(args: readonly string[]): readonly string[] {
  // What stands behind -- is among them.
  const { positionals } = parseCommand({ args: [...args], allowPositionals: true, options: {} }, USAGE);
  return ['sandbox/nodes/enter.ts', '--', 'npx', 'vitest', 'run', '--project', 'soak', ...positionals];
}
