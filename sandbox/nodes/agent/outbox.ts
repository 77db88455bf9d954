import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { logLine } from './log-line.ts';
import type { ReplyPayload } from './reply.ts';
import type { Call } from './wire.ts';

interface Held {
  readonly messageId: string;
  readonly replyId: string;
  readonly payload: ReplyPayload;
}

export interface Outbox {
  /** Sends at once, or keeps on disk for the timer. */
  deliver(messageId: string, payload: ReplyPayload): Promise<void>;
  /** Sends what is kept, in the order of the files' names, which says nothing about time: as the real agent. */
  resend(): Promise<void>;
}

export function outbox(folder: string, mds: Call): Outbox {
  const send = async ({ messageId, replyId, payload }: Held) => {
    await mds('SendReply', { MessageId: messageId, ReplyId: replyId, Payload: JSON.stringify(payload) });
  };
  return {
    async deliver(messageId, payload) {
      const held: Held = { messageId, replyId: randomUUID(), payload };
      try {
        await send(held);
      } catch (error) {
        logLine('reply held', { messageId, status: payload.documentStatus, error });
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, `${held.replyId}.json`), JSON.stringify(held), { flush: true });
      }
    },
    async resend() {
      const names: readonly string[] = await readdir(folder).catch(() => []);
      for (const name of names.toSorted()) {
        const file = join(folder, name);
        await send(JSON.parse(await readFile(file, 'utf8')) as Held);
        await rm(file);
      }
    },
  };
}
