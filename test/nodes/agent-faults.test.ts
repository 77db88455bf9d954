import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { recordingService, type RecordingService } from '../sandbox/nodes/recording-service.ts';
import { sendCommand, type Sent } from '../sandbox/nodes/send-command.ts';

const NODE = 'i-0000000000000fa17';
const REAL = 'i-0000000000000ea1a';
/** The limit is for what hangs. */
const SOON = { timeout: 120_000 };
const PROGRAMS = '/run/tmp/ssm-agent';
let service: RecordingService;
let node: SandboxNode;
let real: SandboxNode;

beforeAll(async () => {
  service = await recordingService('10.42.0.1');
  await mkdir(PROGRAMS);
  for (const program of ['amazon-ssm-agent', 'ssm-document-worker']) {
    await writeFile(`${PROGRAMS}/${program}`, '#!/bin/sh\necho "$0 $*"\nexec sleep infinity\n');
    await chmod(`${PROGRAMS}/${program}`, 0o755);
  }
  const agentEndpoint = service.endpoint;
  [node, real] = await Promise.all([
    bootNode({ agent: 'stand-in', agentEndpoint, instanceId: NODE, address: '10.42.0.23', agentResendSeconds: 2 }),
    bootNode({ agent: PROGRAMS, agentEndpoint, instanceId: REAL, address: '10.42.0.24' }),
  ]);
});
afterAll(async () => {
  await Promise.all([node.kill(), real.kill()]);
  await service.close();
});

const send = (...lines: readonly string[]): Sent => sendCommand(service, NODE, lines);
const on = async (script: string): Promise<string> => (await node.run(['bash', '-c', script])).stdout.trim();
const begun = (file: string) => vi.waitFor(async () => expect(await on(`cat ${file}`)).toBe('begun'), SOON);

test('the agent names itself shortly, then fully, before it asks for work', async () => {
  await vi.waitFor(() => expect(service.calls.map(({ operation }) => operation)).toContain('GetMessages'), SOON);
  const told = service.calls
    .filter(({ operation }) => operation === 'UpdateInstanceInformation')
    .map(({ body }) => body);
  const short = { AgentName: 'amazon-ssm-agent', AgentVersion: '3.3.0.0', InstanceId: NODE, PlatformType: 'Linux' };
  expect(told).toEqual([
    short,
    {
      ...short,
      AgentStatus: 'Active',
      AvailabilityZone: 'us-east-1a',
      AvailabilityZoneId: 'use1-az1',
      ComputerName: 'ip-10-42-0-23.ec2.internal',
      IPAddress: '10.42.0.23',
      PlatformName: 'Debian GNU/Linux',
      PlatformVersion: '12',
      SSMConnectionChannel: 'ec2messages',
    },
  ]);
  const asked = service.calls.find(({ operation }) => operation === 'GetMessages');
  expect(asked?.headers['x-amz-target']).toBe('EC2WindowsMessageDeliveryService.GetMessages');
  expect(asked?.body).toEqual({
    Destination: NODE,
    MessagesRequestId: expect.any(String),
    VisibilityTimeoutInSeconds: 10,
  });
});

test.each([
  ['UpdateInstanceInformation', 'ssm'],
  ['GetMessages', 'ec2messages'],
])('%s is signed for %s with the credentials of the metadata service', async (operation, signingName) => {
  const { headers, raw } = service.calls.find((call) => call.operation === operation)!;
  const session = `session-of-${NODE}`;
  const accessKeyId = /Credential=([A-Z0-9]+)\//.exec(headers.authorization ?? '')?.[1] ?? '';
  const credentials = { accessKeyId, secretAccessKey: 'the-sandbox-has-no-secrets', sessionToken: session };
  const signer = new SignatureV4({ credentials, region: 'us-east-1', service: signingName, sha256: Sha256 });
  const { hostname, host } = new URL(service.endpoint);
  const {
    'content-type': type = '',
    'x-amz-target': target = '',
    'x-amz-date': date = '',
  } = headers as Record<string, string>;
  const signed = { host, 'content-type': type, 'x-amz-target': target };
  const signingDate = new Date(date.replace(/(\d{4})(\d\d)(\d\dT\d\d)(\d\d)(\d\dZ)/, '$1-$2-$3:$4:$5'));
  const request = { method: 'POST', protocol: 'http:', hostname, path: '/', headers: signed, body: raw };
  const again = await signer.sign(request, { signingDate });
  expect(headers).toMatchObject({ authorization: again.headers['authorization'], 'x-amz-security-token': session });
});

test('when the agent is killed while a script runs, the script goes on, runs once, and the result arrives', async () => {
  const sent = send('echo begun >>/run/once', 'while [ ! -e /run/finish ]; do sleep 0.1; done', 'cat /run/once');
  await begun('/run/once');
  const agent = async () => await on('systemctl show -P MainPID amazon-ssm-agent');
  const before = await agent();
  await on('systemctl kill --kill-whom=main -s KILL amazon-ssm-agent');
  // What is killed takes its time to die, and is active until then.
  await vi.waitFor(async () => expect(['0', before]).not.toContain(await agent()), SOON);
  await on('touch /run/finish');
  expect(await sent.output()).toBe('begun\n');
});

test('a worker that is killed fails its command instead of leaving it in progress for ever', async () => {
  const sent = send('echo begun >/run/orphan', 'sleep 600');
  await begun('/run/orphan');
  await on("pkill -KILL -f 'agent.mjs worker'");
  expect((await sent.told('Failed')).documentTraceOutput).toBe('the document worker ended');
});

test('replies of an outage are kept on disk and sent again by the timer', async () => {
  const sent = send('echo begun >/run/outage', 'while [ ! -e /run/after ]; do sleep 0.1; done', 'echo done');
  await begun('/run/outage');
  service.fail(true);
  await on('touch /run/after');
  const kept = 'ls /var/lib/amazon/ssm/*/replies';
  await vi.waitFor(async () => expect((await on(kept)).split('\n')).toHaveLength(2), SOON);
  service.fail(false);
  expect(await sent.output()).toBe('done\n');
  await vi.waitFor(async () => expect(await on(kept)).toBe(''), SOON);
});

test("with a folder of the real agent's programs, these run as its unit, with its configuration", async () => {
  const look = async (command: string) => (await real.run(['bash', '-c', command])).stdout.trim();
  expect(await look('systemctl is-active amazon-ssm-agent')).toBe('active');
  await vi.waitFor(
    async () =>
      expect(await look('journalctl -u amazon-ssm-agent -o cat --no-pager')).toMatch(
        /^\/usr\/bin\/amazon-ssm-agent\s*$/m,
      ),
    SOON,
  );
  expect(await look('test -x /usr/bin/ssm-document-worker && echo there')).toBe('there');
  expect(JSON.parse(await look('cat /etc/amazon/ssm/amazon-ssm-agent.json'))).toEqual({
    Ssm: { Endpoint: service.endpoint },
    Mds: { Endpoint: service.endpoint, StopTimeoutMillis: 20_000 },
    Mgs: { Endpoint: 'https://10.42.0.1:9' },
    Agent: { Region: 'us-east-1', TelemetryMetricsToSSM: false },
    Identity: { ConsumptionOrder: ['EC2'] },
  });
});

test('a folder without the agent is refused by name, and takes no address', async () => {
  const options = { agent: '/run/tmp', instanceId: 'i-x', address: '10.42.0.25' };
  for (let twice = 0; twice < 2; twice += 1)
    await expect(bootNode(options)).rejects.toThrow('/run/tmp holds no amazon-ssm-agent');
});
