import { existsSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Step, Work } from './document.ts';
import { finalReply, type Reply, replyPayload, type StepResult } from './reply.ts';
import { runScript } from './run-script.ts';

const CANCEL_LOOK_MS = 100;

/**
 * Runs one command to its end, in a process of its own that outlives the agent (the unit's KillMode=process). It only
 * writes files: `reply-NNN.json` into the command's folder, and `done`. The agent, or its successor, sends them.
 */
export async function runWork(folder: string, work: Work, agentVersion: string): Promise<void> {
  const stop = new AbortController();
  const look = setInterval(() => existsSync(join(folder, 'cancel')) && stop.abort(), CANCEL_LOOK_MS);
  let replies = 0;
  const write = async (reply: Reply) => {
    const draft = join(folder, 'draft');
    await writeFile(draft, JSON.stringify(replyPayload(reply, agentVersion, new Date())), { flush: true });
    await rename(draft, join(folder, `reply-${String((replies += 1)).padStart(3, '0')}.json`));
  };
  const results: StepResult[] = [];
  let exited = false;
  for (const step of work.steps) {
    const result = await runStep(folder, work, step, { cancelled: stop.signal, exited });
    results.push(result);
    exited ||= step.exitOnFailure && (result.status === 'Failed' || result.status === 'TimedOut');
    await write({ status: 'InProgress', steps: [result] });
  }
  clearInterval(look);
  await write(finalReply(results));
  await writeFile(join(folder, 'done'), '');
}

interface Course {
  readonly cancelled: AbortSignal;
  /** A step before failed with onFailure: exit. */
  readonly exited: boolean;
}

async function runStep(folder: string, work: Work, step: Step, { cancelled, exited }: Course): Promise<StepResult> {
  const started = new Date();
  const told = { step: step.name, action: step.action, started };
  const nothing = { stdout: '', stderr: '', ended: started };
  if (cancelled.aborted) return { ...told, ...nothing, status: 'Cancelled', code: 137 };
  if (exited)
    return {
      ...told,
      ...nothing,
      status: 'Skipped',
      code: 0,
      stdout: 'Step execution skipped: a step before it failed with onFailure exit',
    };
  if (step.verdict.kind === 'skip')
    return { ...told, ...nothing, status: 'Skipped', code: 0, stdout: step.verdict.reason };
  if (step.verdict.kind === 'fail')
    return { ...told, ...nothing, status: 'Failed', code: 1, stderr: step.verdict.reason };
  const place = join(folder, step.name);
  await mkdir(place, { recursive: true });
  const file = join(place, '_script.sh');
  await writeFile(file, step.lines.join('\n'), { mode: 0o700 });
  const { timeoutSeconds } = step;
  const end = await runScript({ file, timeoutSeconds, environment: work.environment, cancelled });
  return { ...told, ...end, ended: new Date() };
}
