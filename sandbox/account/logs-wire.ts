import * as z from 'zod/mini';
import { jsonHandler, operation, page } from './aws-json.ts';
import type { Clock } from './clock.ts';
import type { Surroundings } from './surroundings.ts';
import { notImplemented, WireFault, type WireHandler } from './wire.ts';

interface Line {
  readonly at: Date;
  readonly message: string;
}

/** CloudWatch's log groups: what the stack made, and the lines that tests and the demo put there. */
export interface Logs {
  createGroup(name: string): () => void;
  add(group: string, message: string): void;
  /** Undefined where there is no such group. */
  lines(group: string): readonly Line[] | undefined;
}

export function createLogs(clock: Clock): Logs {
  const groups = new Map<string, Line[]>();
  return {
    createGroup(name) {
      if (!groups.has(name)) groups.set(name, []);
      return () => void groups.delete(name);
    },
    add: (group, message) => void groups.get(group)?.push({ at: clock.now(), message }),
    lines: (group) => groups.get(group),
  };
}

/** docs: AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents: at most 10,000 events a page. */
const filterInput = z.strictObject({
  logGroupName: z.string(),
  startTime: z.optional(z.int()),
  endTime: z.optional(z.int()),
  filterPattern: z.optional(z.string()),
  nextToken: z.optional(z.string()),
  limit: z.optional(z.int().check(z.gte(1), z.lte(10_000))),
});

export const logsHandler = (logs: Logs, world: Surroundings): WireHandler =>
  jsonHandler(
    'Logs_20140328',
    {
      FilterLogEvents: operation(filterInput, ({ logGroupName, startTime = 0, endTime = Infinity, ...input }) => {
        const lines = logs.lines(logGroupName);
        if (lines === undefined) {
          throw new WireFault('ResourceNotFoundException', 'The specified log group does not exist.');
        }
        const matches = compileFilter(input.filterPattern ?? '');
        const found = lines.filter(
          ({ at, message }) => at.getTime() >= startTime && at.getTime() < endTime && matches(message),
        );
        const { items, next } = page(
          found,
          input.nextToken,
          input.limit ?? 10_000,
          () => new WireFault('InvalidParameterException', 'The specified nextToken is invalid.'),
        );
        const events = items.map(({ at, message }) => ({
          timestamp: at.getTime(),
          ingestionTime: at.getTime(),
          message,
        }));
        return { events, searchedLogStreams: [], ...(next !== undefined && { nextToken: next }) };
      }),
    },
    world,
  );

/**
 * Terms that all must occur (`a "b c"`), or with a question mark each, one of which must (`?a ?"b c"`); nothing matches all.
 * docs: AmazonCloudWatch/latest/logs/FilterAndPatternSyntax, "Match terms in unstructured log events".
 */
export function compileFilter(pattern: string): (message: string) => boolean {
  if (/^\s*[{[%]|(?:^|\s)-/.test(pattern)) throw notImplemented(`the filter pattern ${pattern}`);
  const terms = [...pattern.matchAll(/(\?)?(?:"([^"]*)"|(\S+))/g)].map(([, optional, quoted, word]) => ({
    isOptional: optional !== undefined,
    term: quoted ?? word ?? '',
  }));
  const needed = terms.filter(({ isOptional }) => !isOptional);
  const optional = terms.filter(({ isOptional }) => isOptional);
  if (needed.length > 0 && optional.length > 0) throw notImplemented('a filter pattern that mixes ?terms with others');
  return (message) =>
    needed.every(({ term }) => message.includes(term)) &&
    (optional.length === 0 || optional.some(({ term }) => message.includes(term)));
}
