import { join } from 'node:path';
import { PRICES } from '../../shared/core/content.ts';
import { ConfigError } from '../../shared/core/errors.ts';
import { contentBucket } from '../aws/content-bucket.ts';
import { notDeployed } from '../aws/in-words.ts';
import { findStack } from '../aws/stack.ts';
import type { Env } from '../place-options.ts';
import { reportAndExit } from '../report-and-exit.ts';
import type { Say } from '../step.ts';
import type { SourceFile } from './content-file.ts';
import { readContentOptions } from './content-options.ts';
import { findPromtool } from './promtool.ts';
import { publishContent } from './publish-content.ts';
import { OWN, readContent } from './read-content.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The whole set, checked as well as this machine can; `say` tells what could not be. */
export async function checkedContent(env: Env, say: Say, given?: string, root = ROOT): Promise<readonly SourceFile[]> {
  const promtool = await findPromtool(given, env);
  const files = await readContent({ root, promtool, say });
  const own = (some: readonly SourceFile[]): number => some.filter(({ source }) => source.startsWith(`${OWN}/`)).length;
  const count = (folder: string, what: string): string => {
    const some = files.filter(({ path }) => path.startsWith(folder));
    return `${some.length} ${what} (${own(some)} of yours)`;
  };
  const prices = files.some(({ path }) => path === PRICES) ? PRICES : `no ${PRICES}`;
  const by = promtool === undefined ? '' : `; rules checked by ${promtool}`;
  say(`  ${count('rules/', 'rule files')}, ${count('dashboards/', 'dashboards')}, ${prices}${by}`);
  if (promtool === undefined)
    say('  no promtool here: the expressions of rules are checked by the host, before Prometheus reads them');
  return files;
}

/** Where the alerts' runbooks are read, as it was deployed. */
const runbookUrlOf = (parameters: Readonly<Record<string, string>>): string =>
  parameters['RunbookUrl'] ?? 'docs/runbooks';

export async function contentCommand(args: readonly string[], env: Env, print: Say, root = ROOT): Promise<void> {
  const { action, place, promtool } = readContentOptions(args, env);
  const files = await checkedContent(env, print, promtool, root);
  if (action === 'check') {
    print('Everything may be published.');
    return;
  }
  const stack = await findStack(place);
  const bucket = stack?.outputs['BucketName'];
  if (stack === undefined || bucket === undefined) throw new ConfigError(notDeployed(place));
  await publishContent(files, contentBucket(place, bucket), runbookUrlOf(stack.parameters));
  print(`Published to ${bucket}: the host's sidecar loads it within a minute.`);
}

if (import.meta.main) {
  try {
    await contentCommand(process.argv.slice(2), process.env, console.log);
  } catch (error) {
    reportAndExit(error);
  }
}
