import * as z from 'zod/mini';
import { UnreadableError } from './errors.ts';
import { LABEL_NAME } from './label-names.ts';
import type { TargetGroup } from './targets.ts';

const SHOWN_PROBLEMS = 3;

/** An IPv4 address or host name, or an IPv6 address in brackets; then a port. No scheme, no path. */
function isHostAndPort(target: string): boolean {
  const [, port] = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(target) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

const target = z.string('host:port expected').check(z.refine(isHostAndPort, 'host:port expected'));
const labelName = z.string().check(z.regex(LABEL_NAME, 'a label name (letters, digits, _; not __…) expected'));

/** Prometheus drops a whole file for one unknown key or one null entry (discovery/targetgroup: DisallowUnknownFields). */
const targetFile = z.array(
  z.strictObject(
    {
      targets: z.array(target, 'a list of host:port expected'),
      labels: z.record(labelName, z.string('a text expected'), {
        error: ({ code }) =>
          code === 'invalid_key' ? 'not a label name' : 'an object of label names and texts expected',
      }),
    },
    'an object with exactly "targets" and "labels" expected',
  ),
  'a list of groups expected',
);

/** What a target file (file_sd JSON) says; throws an UnreadableError that names the first problems by their place. */
export function parseTargets(text: string): readonly TargetGroup[] {
  const { success, data, error } = targetFile.safeParse(fromJson(text));
  if (success) return data;
  const problems = error.issues.map(({ path, message }) => `[${path.join('.')}] ${message}`);
  const more = problems.length > SHOWN_PROBLEMS ? ` and ${problems.length - SHOWN_PROBLEMS} more` : '';
  throw new UnreadableError(`not a target file: ${problems.slice(0, SHOWN_PROBLEMS).join('; ')}${more}`);
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UnreadableError(`not a target file: not JSON (${text.length} characters)`, { cause });
  }
}
