import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runScript } from '../hadoop/run-script.ts';
import { until } from '../until.ts';
import type { SandboxNode } from '../nodes/boot-node.ts';
import { INPUT, OUTPUT, SUBMITTER } from './spark-node.ts';

/** A job that has done all its work and waits with everything it has open. */
export interface SparkJob {
  readonly applicationId: string;
  /** What Spark's own REST API says of the application: http://…:4040/api/v1/applications/…/PATH. */
  readonly ask: <T>(path: string) => Promise<T>;
  /** Lets it end; fails when it ended badly. */
  readonly end: () => Promise<void>;
}

const UI_PORT = 4040;
/** For a job that hangs. Half a minute of two cores, if nobody else has them. */
const JOB_MS = 600_000;
let jobs = 0;

/** Submits the job as user hadoop, from this node, and waits until its work is done. */
export async function runSparkJob(node: SandboxNode): Promise<SparkJob> {
  const folder = `/mnt/spark/jobs/${(jobs += 1)}`;
  await runScript(node, `install -d -o ${SUBMITTER} ${folder}`);
  const submit = `spark-submit /usr/share/spark-job.py ${INPUT} ${OUTPUT} ${folder}`;
  let code: number | undefined;
  const ended = node.run(['su', SUBMITTER, '-c', submit]).then((finished) => {
    ({ code } = finished);
    return finished;
  });
  const look = async () => {
    if (code !== undefined) throw new Error(`the job ended with ${code}: ${(await ended).stderr.slice(-2_000)}`);
    return await readFile(join(node.root, folder, 'ready'), 'utf8').catch(() => undefined);
  };
  const applicationId = await until('the job has done its work', look, JOB_MS);
  const api = `http://${node.address}:${UI_PORT}/api/v1/applications/${applicationId}`;
  return {
    applicationId,
    async ask<T>(path: string) {
      const answer = await fetch(`${api}/${path}`, { signal: AbortSignal.timeout(60_000) });
      if (!answer.ok) throw new Error(`${api}/${path}: ${answer.status}`);
      return (await answer.json()) as T;
    },
    async end() {
      await writeFile(join(node.root, folder, 'end'), '');
      const { stderr } = await ended;
      if (code !== 0) throw new Error(`the job ended with ${code}: ${stderr.slice(-2_000)}`);
    },
  };
}
