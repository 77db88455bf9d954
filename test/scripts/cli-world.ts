import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished, vi } from 'vitest';
import { createAccount } from '../../sandbox/account/account.ts';
import { realClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { deployTemplate } from '../../sandbox/account/deploy.ts';
import { type Call, openFace } from '../../sandbox/account/face.ts';
import { FunctionError, type Runner } from '../../sandbox/account/lambda.ts';

const BUCKET = 'prometheus-on-emr-dev-bucket';

interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What it throws is told as Lambda's runtime tells it. */
const runnerOf = (run: (event: unknown) => Promise<unknown>): Runner => ({
  async invoke(payload) {
    try {
      return { cold: false, payload: JSON.stringify(await run(JSON.parse(payload))) };
    } catch (error) {
      const { name, message } = error as Error;
      return { cold: false, error: new FunctionError(name, message) };
    }
  },
  stop: async () => undefined,
});

/** An account with the stack of stage dev, as the commands of a terminal see it: through its endpoint. */
export async function cliWorld(backfill: (event: unknown) => Promise<unknown> = async () => ({})) {
  const account = createAccount({ clock: realClock(), timings: QUICK });
  onTestFinished(() => account.stop());
  const calls: string[] = [];
  const onCall = ({ operation }: Call) => void calls.push(operation);
  const face = await openFace({ handlers: account.handlers, port: 0, onCall });
  onTestFinished(() => face.close());
  const template = {
    Resources: { Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: BUCKET } } },
    Outputs: { BucketName: { Value: { Ref: 'Bucket' } } },
  };
  deployTemplate(template, {
    account,
    endpoint: face.url,
    runner: () => runnerOf(backfill),
    stack: 'prometheus-on-emr-dev',
  });
  const name = 'prometheus-on-emr-dev-backfill';
  account.lambda.createFunction({
    name,
    arn: `arn:aws:lambda:us-east-1:123456789012:function:${name}`,
    timeoutMs: 300_000,
    runner: runnerOf(backfill),
  });
  const { accessKeyId, secretAccessKey, sessionToken } = account.credentials.issue();
  const env = {
    HOME: '/nonexistent',
    AWS_ENDPOINT_URL: face.url,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    AWS_REGION: undefined,
  };
  // The SDK's clients find the account as they do in a terminal.
  for (const [variable, value] of Object.entries(env)) vi.stubEnv(variable, value);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { account, bucket: BUCKET, env, calls: (): readonly string[] => calls };
}

/** `npm run <script> -- <args>`, in a process of its own. */
export async function runScript(script: string, args: readonly string[]): Promise<Said> {
  const file = join(import.meta.dirname, `../../scripts/${script}/${script}.ts`);
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, [file, ...args])) };
  } catch (error) {
    const { code, stdout, stderr } = error as Said;
    return { code, stdout, stderr };
  }
}
