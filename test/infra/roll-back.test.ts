import { DescribeDocumentCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, onTestFinished, test } from 'vitest';
import { createAccount } from '../../sandbox/account/account.ts';
import { virtualClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { deployTemplate } from '../../sandbox/account/deploy.ts';
import { inProcess } from '../../sandbox/account/lambda.ts';
import { clientConfig, testFace } from '../sandbox/account/account-clients.ts';
import { type Template, templateText } from './template.ts';

/** The packaged stack, deployed; functions answer the names of the documents that they would order. */
async function deployed() {
  const account = createAccount({ clock: virtualClock(new Date()), timings: QUICK });
  onTestFinished(() => account.stop());
  const face = await testFace(account.handlers);
  const ssm = new SSMClient(clientConfig(face.url, account.credentials.issue()));
  const deploy = (text: string) =>
    deployTemplate(JSON.parse(text), {
      account,
      endpoint: face.url,
      stack: 'prometheus-on-emr-dev',
      runner: (_name, { Environment }) => {
        const variables = Object.entries(Environment?.Variables ?? {});
        const ordered = variables.flatMap(([key, value]) => (key.startsWith('DOCUMENT_') ? [value] : []));
        return inProcess(async () => ordered);
      },
    });
  const { functions } = deploy(templateText);
  const orders = async () => {
    const all = Object.values(functions).map(async (arn) => (await account.lambda.invoke(arn, {})) as string[]);
    return [...new Set((await Promise.all(all)).flat())].toSorted();
  };
  const exists = async (Name: string): Promise<boolean> =>
    ssm.send(new DescribeDocumentCommand({ Name })).then(
      () => true,
      () => false,
    );
  return { account, deploy, orders, exists };
}

const LATER = 'prometheus-on-emr-dev_later-install-ffffffffffff';

/** A version whose scripts differ: every document has another content, and so another name; one exporter is new. */
function next(): string {
  const changed = templateText
    .replaceAll(/(prometheus-on-emr-dev_[a-z]+-(?:un)?install-)[0-9a-f]{12}/g, '$1ffffffffffff')
    .replaceAll('prometheus-on-emr: install the exporter', 'prometheus-on-emr: install, as of tomorrow, the exporter');
  const { Resources, ...others } = JSON.parse(changed) as Template;
  const { DocumentNodeInstall: known } = Resources;
  const DocumentLaterInstall = { ...known, Properties: { ...known?.Properties, Name: LATER } };
  return JSON.stringify({ ...others, Resources: { DocumentLaterInstall, ...Resources } });
}

test('a roll-back brings back code and documents that fit each other, and leaves nothing of the new ones', async () => {
  const { account, deploy, orders, exists } = await deployed();
  const before = await orders();
  expect(before.length).toBeGreaterThan(1);

  account.stacks.failNext('DoorbellDeadLettersAlarm', 'no');
  const renamed = next().replaceAll('-DoorbellDeadLetters"', '-DeadLetters"');
  expect(() => deploy(renamed)).toThrow('no');
  // Documents and functions had changed by then.
  const events = account.stacks.find('prometheus-on-emr-dev')?.events ?? [];
  const done = events.filter(({ status }) => status === 'UPDATE_COMPLETE').map(({ logicalId }) => logicalId);
  expect(done).toEqual(expect.arrayContaining(['DocumentNodeInstall', 'SweepLambdaFunction']));
  expect(events).toContainEqual(
    expect.objectContaining({ logicalId: 'DocumentLaterInstall', status: 'CREATE_COMPLETE' }),
  );

  expect(await orders()).toEqual(before);
  for (const name of before) expect([name, await exists(name)]).toEqual([name, true]);
  const tomorrow = before.map((name) => name.replace(/[0-9a-f]{12}$/, 'ffffffffffff'));
  for (const name of [...tomorrow, LATER]) expect([name, await exists(name)]).toEqual([name, false]);

  deploy(next());
  expect(await orders()).toEqual(tomorrow);
  for (const name of [...tomorrow, LATER]) expect([name, await exists(name)]).toEqual([name, true]);
  for (const name of before) expect([name, await exists(name)]).toEqual([name, false]);
});
