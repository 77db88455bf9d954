import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { vi } from 'vitest';
import { deployTemplate } from '../../../sandbox/account/deploy.ts';
import { inProcess } from '../../../sandbox/account/lambda.ts';
import { deployHostCommand } from '../../../scripts/host/deploy-host.ts';
import { scratch } from '../exporters/release-page.ts';
import { cliWorld } from '../cli-world.ts';

export const BUCKET = 'monitoring';
const HOST = 'prometheus-on-emr-trial--host';

/** What a deploy leaves, as far as the host asks for it. */
const MAIN = {
  Resources: {
    Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: BUCKET } },
    SidecarPolicy: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: { PolicyDocument: { Version: '2012-10-17', Statement: [] } },
    },
  },
  Outputs: { BucketName: { Value: { Ref: 'Bucket' } }, SidecarPolicyArn: { Value: { Ref: 'SidecarPolicy' } } },
};

/** The command in this process, in an account where stage dev is deployed, from a checkout whose releases are a few bytes. */
export async function hostTerminal() {
  const { account, env: surroundings } = await cliWorld();
  const site = { endpoint: surroundings.AWS_ENDPOINT_URL, runner: () => inProcess(async () => ({})) };
  account.stacks.runAt(site);
  const root = await checkout();
  const cache = { PROMETHEUS_ON_EMR_CACHE: join(root, 'cache'), PROMETHEUS_ON_EMR_ARTIFACTS: join(root, 'releases') };
  for (const [name, value] of Object.entries(cache)) vi.stubEnv(name, value);
  const env = { ...surroundings, ...cache };

  /** The summary, or the error; and what was said meanwhile. */
  const deploy = async (...pairs: readonly string[]) => {
    const said: string[] = [];
    const printed: string[] = [];
    const args = ['--stage', 'trial', '--region', 'us-east-1', ...pairs.flatMap((pair) => ['--param', pair])];
    const terminal = {
      env,
      root,
      print: (text: string) => void printed.push(text),
      say: (line: string) => void said.push(line),
    };
    const failed = await deployHostCommand(args, terminal).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    return { failed, printed: printed.join('\n'), said: said.join('\n') };
  };
  const resource = (id: string) => account.stacks.find(HOST)?.resources.get(id);
  return {
    account,
    root,
    deploy,
    resource,
    deployMain: () => deployTemplate(MAIN, { account, ...site, stack: 'prometheus-on-emr-trial' }),
    status: () => account.stacks.find(HOST)?.status,
    userData: () => {
      const { LaunchTemplateData: launch } = (resource('LaunchTemplate')?.properties ?? {}) as {
        readonly LaunchTemplateData?: { readonly UserData: string };
      };
      return Buffer.from(launch?.UserData ?? '', 'base64').toString();
    },
  };
}

interface Lock {
  readonly artifacts: Readonly<Record<string, { readonly file: string }>>;
  readonly unlocked?: Readonly<Record<string, string>>;
}

async function checkout(): Promise<string> {
  const root = await scratch();
  await cp('infra', join(root, 'infra'), { recursive: true });
  await mkdir(join(root, 'releases'));
  for (const file of globSync('infra/host/*/release.lock', { cwd: root })) {
    const path = join(root, file);
    const { artifacts, unlocked = {}, ...lock } = JSON.parse(await readFile(path, 'utf8')) as Lock;
    const files = {
      ...unlocked,
      ...Object.fromEntries(Object.entries(artifacts).map(([key, one]) => [key, one.file])),
    };
    const made: Record<string, object> = {};
    for (const [key, name] of Object.entries(files)) {
      const bytes = `not ${name}`;
      await writeFile(join(root, 'releases', name), bytes);
      made[key] = { file: name, sha256: createHash('sha256').update(bytes).digest('hex') };
    }
    await writeFile(path, JSON.stringify({ ...lock, artifacts: made }));
  }
  return root;
}
