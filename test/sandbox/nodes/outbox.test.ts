import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { outbox } from '../../../sandbox/nodes/agent/outbox.ts';
import { replyPayload } from '../../../sandbox/nodes/agent/reply.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outbox-'));
});
afterEach(() => rm(folder, { recursive: true }));

const payload = replyPayload({ status: 'Success', steps: [] }, '3.3.0.0', new Date(0));

function flakyService() {
  const sent: string[] = [];
  const state = { down: false };
  const mds = async (_operation: string, body: object) => {
    if (state.down) throw new Error('connection refused');
    sent.push(String((body as Record<string, unknown>)['ReplyId']));
    return {};
  };
  return { sent, state, mds };
}

test('replies of an outage are sent again in the order of their file names, then forgotten', async () => {
  const { sent, state, mds } = flakyService();
  const out = outbox(folder, mds);
  state.down = true;
  for (let count = 0; count < 5; count += 1) await out.deliver(`m-${count}`, payload);
  const kept = (await readdir(folder)).sort();
  expect(kept).toHaveLength(5);
  await expect(out.resend()).rejects.toThrow('refused');
  expect((await readdir(folder)).sort()).toEqual(kept);
  state.down = false;
  await out.resend();
  expect(sent.map((id) => `${id}.json`)).toEqual(kept);
  expect(await readdir(folder)).toEqual([]);
});

test('what is delivered is not kept', async () => {
  const { mds } = flakyService();
  await outbox(folder, mds).deliver('m-1', payload);
  expect(await readdir(folder)).toEqual([]);
});
