import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFailed, onTestFinished, test, vi } from 'vitest';
import { createAccount } from '../../../sandbox/account/account.ts';
import { realClock } from '../../../sandbox/account/clock.ts';
import { QUICK } from '../../../sandbox/account/compute.ts';
import { openFace } from '../../../sandbox/account/face.ts';
import { packagedRunner } from '../../../sandbox/account/lambda-package.ts';
import { scriptedNodes } from '../../../sandbox/account/scripted-nodes.ts';
import { smokeCommand } from '../../../scripts/smoke/smoke.ts';
import { packaged } from '../../infra/template.ts';
import { deployWell, signIn, tls } from './smoke-world.ts';

test('with --install the packaged functions are rung, order, hear of the results, and list every endpoint; each step with its time', async () => {
  const lines: string[] = [];
  onTestFailed(() => void process.stderr.write(`${lines.join('\n')}\n`));
  const account = createAccount({
    clock: realClock(),
    timings: { ...QUICK, boot: 100, provision: 200, bootstrap: 200 },
  });
  const face = await openFace({ handlers: account.handlers, port: 0, tls });
  const folder = await mkdtemp(join(tmpdir(), 'smoke-install-'));
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, tls.ca);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await account.stop();
    await face.close();
    await rm(folder, { recursive: true });
  });
  const endpoints = { endpoint: face.url, s3Endpoint: face.url, caFile };
  const onLine = (_name: string, line: string): void => void lines.push(line);
  const runner = packagedRunner({ folder: packaged, account, ...endpoints, onLine });
  await deployWell(account, { endpoint: face.url, runner });
  scriptedNodes(account.compute, { register: () => 100 });
  // Nobody hears of the launch: what happens before the first sweep, backfill has set off.
  account.events.disturb({ kind: 'lose' }, ({ source }) => source !== 'aws.ssm');
  const type = { instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 } as const;
  const groups = [
    { role: 'MASTER', ...type },
    { role: 'CORE', ...type },
  ] as const;
  const id = account.compute.emr.launch({ name: 'etl', groups });
  const { emr, agents } = account.compute;
  // As who is told to run it waits: an agent comes a moment after its node.
  const nodes = () => emr.active(id).map(({ state, ec2 }) => `${state} ${ec2 && agents.agent(ec2.id)?.ping}`);
  await expect.poll(nodes).toEqual(['RUNNING Online', 'RUNNING Online']);
  signIn(account, face.url);

  const printed: string[] = [];
  const print = (text: string): void => void printed.push(text);
  const code = await smokeCommand(['--cluster', id, '--install'], process.env, print, () => undefined);
  const install = printed.filter((line) => line.includes('install-')).map((line) => line.replace(/ +[\d.]+ s +/, ' '));
  expect(install).toEqual([
    expect.stringMatching(/^ok install-rung .*: queued$/),
    expect.stringMatching(/^ok install-ordered .*: 2 of 2 ordered$/),
    expect.stringMatching(/^ok install-done .*: 2 of 2 installed$/),
    expect.stringMatching(new RegExp(`^ok install-targets .*: targets/${id}\\.json: 2 targets$`)),
  ]);
  expect(printed.filter((line) => line.startsWith('RED')).join('\n')).toBe('');
  expect(printed.at(-1)).toMatch(/^\n30 checks in \d+\.\d s: \d+ ok, 0 red, /);
  expect(code).toBe(0);
});
