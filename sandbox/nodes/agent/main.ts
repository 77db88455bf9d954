/**
 * A stand-in for amazon-ssm-agent: the same wire, the same way of running scripts.
 *   agent.mjs VERSION RESEND_SECONDS  the agent; from 3.3.2746.0 on it knows `interpolationType: ENV_VAR`
 *   agent.mjs worker HOME VERSION     runs one command
 */
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runAgent } from './agent.ts';
import type { Work } from './document.ts';
import { runWork } from './worker.ts';

process.umask(0o022);
const [first = '', second = '', third = ''] = process.argv.slice(2);
if (first === 'worker') {
  // Refused where one has been: a command runs once.
  writeFileSync(join(second, 'worker'), `${process.pid}`, { flag: 'wx' });
  await runWork(second, JSON.parse(await readFile(join(second, 'work.json'), 'utf8')) as Work, third);
} else {
  await runAgent({ program: process.argv[1] ?? '', version: first, resendMs: Number(second) * 1000 });
}
