import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseCommand, type Work } from './document.ts';
import { logLine } from './log-line.ts';
import type { Outbox } from './outbox.ts';
import { type Reply, type ReplyPayload, replyPayload } from './reply.ts';
import type { Call } from './wire.ts';

const LOOK_MS = 50;

export interface Message {
  readonly MessageId: string;
  readonly Topic: string;
  readonly Payload: string;
}

export interface CommandsOptions {
  readonly folder: string;
  readonly program: string;
  readonly version: string;
  /** What every script finds in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly mds: Call;
  readonly out: Outbox;
}

export interface Commands {
  accept(message: Message): Promise<void>;
  /** Takes up what a killed predecessor left running or unsent. */
  resume(): Promise<void>;
}

/** Each command has a folder, which stays: a message that comes again finds it, is acknowledged and not run again. */
export function commands(options: CommandsOptions): Commands {
  const { folder, mds, out, version } = options;
  const acknowledge = (messageId: string) => mds('AcknowledgeMessage', { MessageId: messageId });
  const reply = (messageId: string, told: Reply) => out.deliver(messageId, replyPayload(told, version, new Date()));
  return {
    async accept({ MessageId: messageId, Topic, Payload }) {
      if (Topic.startsWith('aws.ssm.cancelCommand')) {
        const { CancelMessageId } = JSON.parse(Payload) as { readonly CancelMessageId: string };
        const home = join(folder, commandOf(CancelMessageId));
        if (existsSync(home)) await writeFile(join(home, 'cancel'), '');
        await acknowledge(messageId);
        return;
      }
      const home = join(folder, commandOf(messageId));
      if (existsSync(home)) {
        await acknowledge(messageId);
        return;
      }
      await mkdir(home, { recursive: true });
      const parsed = parseCommand(messageId, Payload, version);
      if (parsed.kind === 'invalid') {
        await writeFile(join(home, 'done'), '');
        await reply(messageId, { status: 'Failed', trace: parsed.reason });
        return;
      }
      const { commandId, environment } = parsed.work;
      const all = { ...options.environment, SSM_COMMAND_ID: commandId, ...environment };
      await writeFile(join(home, 'work.json'), JSON.stringify({ ...parsed.work, environment: all }), { flush: true });
      await reply(messageId, { status: 'InProgress' });
      await acknowledge(messageId).catch((error: unknown) => logLine('not acknowledged', { messageId, error }));
      void follow(options, home, messageId);
    },
    async resume() {
      for (const name of await readdir(folder).catch(() => [])) {
        const home = join(folder, name);
        if (!existsSync(join(home, 'work.json')) || (await isOver(home))) continue;
        const { messageId } = JSON.parse(await readFile(join(home, 'work.json'), 'utf8')) as Work;
        void follow(options, home, messageId);
      }
    },
  };
}

/** `aws.ssm.<commandId>.<instanceId>`. */
const commandOf = (messageId: string): string => messageId.split('.')[2] ?? messageId;

const isOver = async (home: string): Promise<boolean> =>
  existsSync(join(home, 'done')) && (await repliesIn(home)).length === 0;

const repliesIn = async (home: string): Promise<readonly string[]> =>
  (await readdir(home)).filter((name) => name.startsWith('reply-')).sort();

/** Starts the worker unless one has been, and sends on what it writes until the command is over. */
async function follow({ program, version, out }: CommandsOptions, home: string, messageId: string): Promise<void> {
  let ended = false;
  if (!existsSync(join(home, 'worker'))) {
    const worker = spawn(process.execPath, [program, 'worker', home, version], { detached: true, stdio: 'ignore' });
    worker.once('exit', () => (ended = true));
    worker.unref();
  }
  while (!(await isOver(home))) {
    const lost = ended || !(await isWorking(home));
    const replies = await repliesIn(home);
    for (const name of replies) {
      const file = join(home, name);
      await out.deliver(messageId, JSON.parse(await readFile(file, 'utf8')) as ReplyPayload);
      await rm(file);
    }
    // Looked at before its replies were: it can have written nothing since.
    if (lost && replies.length === 0 && !existsSync(join(home, 'done'))) {
      await writeFile(join(home, 'done'), '');
      await out.deliver(
        messageId,
        replyPayload({ status: 'Failed', trace: 'the document worker ended' }, version, new Date()),
      );
    }
    await sleep(LOOK_MS);
  }
}

async function isWorking(home: string): Promise<boolean> {
  const pid = Number(await readFile(join(home, 'worker'), 'utf8').catch(() => ''));
  if (pid === 0) return true; // just being started
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
