import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { type Asked, sendCommand, type Sent } from '../sandbox/nodes/send-command.ts';
import { type RecordedReply, recordingService, type RecordingService } from '../sandbox/nodes/recording-service.ts';

const AGED = 'i-0000000000000a9ed'; // an agent older than ENV_VAR
const FRESH = 'i-0000000000000f4e5';
let service: RecordingService;
let nodes: ReadonlyMap<string, SandboxNode>;

beforeAll(async () => {
  service = await recordingService('10.42.0.1');
  const common = { agent: 'stand-in', agentEndpoint: service.endpoint } as const;
  const booted = await Promise.all([
    bootNode({ ...common, instanceId: AGED, address: '10.42.0.21', agentVersion: '3.3.0.0' }),
    bootNode({
      ...common,
      instanceId: FRESH,
      address: '10.42.0.22',
      agentVersion: '3.3.2746.0',
      agentResendSeconds: 2,
    }),
  ]);
  nodes = new Map(booted.map((node) => [node.instanceId, node]));
});
afterAll(async () => {
  await Promise.all([...nodes.values()].map((node) => node.kill()));
  await service.close();
});

const send = (lines: readonly string[], { on = AGED, ...asked }: Asked & { readonly on?: string } = {}): Sent =>
  sendCommand(service, on, lines, asked);

describe.concurrent('commands that do not disturb each other', () => {
  test("a command is told in the real agent's order, each step by itself", async () => {
    const step = (name: string) => ({ action: 'aws:runShellScript', name, inputs: { runCommand: [`echo ${name}`] } });
    const { messageId, told } = send([], { steps: [step('one'), step('two')] });
    await told('Success');
    const course = service.about(messageId).map(({ operation, body }) => {
      if (operation !== 'SendReply') return operation;
      const { documentStatus, runtimeStatus } = JSON.parse(String(body['Payload'])) as RecordedReply;
      return `${documentStatus} ${runtimeStatus === null ? 'null' : Object.keys(runtimeStatus).join()}`;
    });
    expect(course).toEqual(['InProgress null', 'AcknowledgeMessage', 'InProgress one', 'InProgress two', 'Success ']);
  });

  test('a script sees what the real agent shows it: no HOME, /usr/bin, umask 0022, no input, its own group', async () => {
    const lines = [
      'env | sort',
      'pwd',
      'umask',
      'readlink /proc/self/fd/0',
      'test $(ps -o pgid= $$) != $(ps -o pgid= $(systemctl show -P MainPID amazon-ssm-agent)) && echo own group',
      'id -un',
    ];
    const commandId = randomUUID();
    expect((await send(lines, { commandId }).output()).split('\n')).toEqual([
      `AWS_SSM_INSTANCE_ID=${AGED}`,
      'AWS_SSM_PLATFORM_NAME=Debian GNU/Linux',
      'AWS_SSM_PLATFORM_VERSION=12',
      'AWS_SSM_REGION_NAME=us-east-1',
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'PWD=/usr/bin',
      `SSM_COMMAND_ID=${commandId}`,
      '/usr/bin',
      '0022',
      '/dev/null',
      'own group',
      'root',
      '',
    ]);
  });

  test('a first line #!/bin/bash makes the script bash, none makes it sh', async () => {
    const shell = 'readlink /proc/$$/exe';
    const [bash, sh] = [send(['#!/bin/bash', shell]), send([shell])];
    expect([await bash.output(), await sh.output()]).toEqual(['/usr/bin/bash\n', '/usr/bin/dash\n']);
  });

  test('a failed script tells its code and both outputs', async () => {
    const reply = await send(['echo out', 'echo err >&2', 'exit 7']).told('Failed');
    const stderr = 'err\nfailed to run commands: exit status 7';
    const expected = {
      code: 7,
      standardOutput: 'out\n',
      standardError: stderr,
      output: `out\n\n----------ERROR-------\n${stderr}`,
    };
    expect(reply.runtimeStatus?.['run']).toMatchObject({
      ...expected,
      status: 'Failed',
      name: 'aws:runShellScript',
      stepName: 'run',
    });
  });

  test('a script over its time is killed with its whole group', async () => {
    const inputs = { timeoutSeconds: '5', runCommand: ['ps -o pgid= $$ >/run/slow.group', 'sleep 600 & sleep 600'] };
    const reply = await send([], { steps: [{ action: 'aws:runShellScript', name: 'run', inputs }] }).told('TimedOut');
    expect(reply.runtimeStatus?.['run']).toMatchObject({ status: 'TimedOut', code: 137 });
    const left = await nodes.get(AGED)?.run(['bash', '-c', 'pgrep -g $(cat /run/slow.group); echo none left']);
    expect(left?.stdout).toBe('none left\n');
  });

  test('a cancelled command is killed and says Cancelled; the cancel message gets no reply of its own', async () => {
    const sent = send(['echo begun >/run/long', 'sleep 600']);
    await vi.waitFor(
      async () => expect((await nodes.get(AGED)?.run(['cat', '/run/long']))?.stdout).toBe('begun\n'),
      120_000, // for what hangs
    );
    const cancel = `aws.ssm.${randomUUID()}.${AGED}`;
    const Payload = JSON.stringify({ CancelMessageId: sent.messageId });
    service.push(AGED, { MessageId: cancel, Topic: 'aws.ssm.cancelCommand', Payload });
    expect((await sent.told('Cancelled')).runtimeStatus?.['run']).toMatchObject({ status: 'Cancelled', code: 137 });
    expect(service.about(cancel).map(({ operation }) => operation)).toEqual(['AcknowledgeMessage']);
  });

  test('a child in the background that holds stdout keeps the command in progress', async () => {
    const sent = send(['echo begun >/run/held', 'while [ ! -e /run/let-go ]; do sleep 0.1; done &']);
    const look = (script: string) => nodes.get(AGED)?.run(['bash', '-c', script]);
    await vi.waitFor(async () => expect((await look('cat /run/held'))?.stdout).toBe('begun\n'), 120_000);
    // The script itself has long ended when another, sent later, has come and gone.
    await send(['true']).told('Success');
    expect(service.replies(sent.messageId).map(({ documentStatus }) => documentStatus)).toEqual(['InProgress']);
    await look('touch /run/let-go');
    await sent.told('Success');
  });

  test('a message that comes twice is acknowledged twice and run once', async () => {
    const commandId = randomUUID();
    const lines = ['echo x >>/run/twice', 'sleep 1', 'cat /run/twice'];
    send(lines, { commandId });
    const again = send(lines, { commandId });
    expect(await again.output()).toBe('x\n');
    const operations = service.about(again.messageId).map(({ operation }) => operation);
    expect(operations.filter((operation) => operation === 'AcknowledgeMessage')).toHaveLength(2);
    expect(operations.filter((operation) => operation === 'SendReply')).toHaveLength(3);
  });

  test('a value its pattern refuses fails the command before anything runs, without acknowledging it', async () => {
    const parameters = { Port: { type: 'String', allowedPattern: '^[0-9]+$' } };
    const sent = send(['echo {{ Port }}'], { parameters, values: { Port: '9100; reboot' } });
    const { documentTraceOutput } = await sent.told('Failed');
    expect(documentTraceOutput).toContain('Port');
    await send(['true']).told('Success'); // whatever belongs to the refused one has come before this
    expect(service.about(sent.messageId).map(({ operation }) => operation)).toEqual(['SendReply']);
  });

  const greeting = { parameters: { Name: { type: 'String', interpolationType: 'ENV_VAR' } }, values: { Name: 'Ada' } };
  test('an agent older than ENV_VAR pastes the text and sets no variable', async () => {
    expect(await send(['echo {{ Name }} "${SSM_Name-none}"'], greeting).output()).toBe('Ada none\n');
  });

  test('an agent that knows ENV_VAR sets the variable', async () => {
    expect(await send(['echo "${SSM_Name-none}"'], { ...greeting, on: FRESH }).output()).toBe('Ada\n');
  });
});
