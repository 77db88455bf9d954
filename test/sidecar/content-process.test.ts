import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { fakePrometheus, keyOf, manifestOf, program, rules } from './content-world.ts';
import { bundleSidecar } from '../../scripts/package/bundle-sidecar.ts';
import { openS3 } from './sidecar-account.ts';
import { temporaryFolder, until } from './sidecar-world.ts';

let bundle: string;
beforeAll(async () => {
  bundle = await bundleSidecar();
});

async function host() {
  const account = await openS3();
  onTestFinished(() => account.face.close());
  const home = await temporaryFolder();
  const content = join(home, 'content');
  const prometheus = await fakePrometheus(content);
  const flags = [
    `--directory=${home}`,
    `--content=${content}`,
    `--prometheus=${prometheus.url}`,
    '--listen=127.0.0.1:0',
  ];
  const promtool = `--promtool=${await program()}`;
  return {
    state: prometheus.state,
    content,
    publish: (name: string): void => {
      account.put(keyOf('rules/a.yml', rules(name)), rules(name));
      account.put('content/manifest.json', manifestOf({ 'rules/a.yml': rules(name) }));
    },
    start: (...more: readonly string[]) => {
      const child = spawn(process.execPath, [bundle, ...flags, promtool, ...more], { env: account.env });
      onTestFinished(() => void child.kill('SIGKILL'));
      let output = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => void (output += String(chunk)));
      return { child, output: () => output, ended: once(child, 'close') };
    },
    links: () => Promise.all(['current', 'loaded'].map((name) => readlink(join(content, name)))),
  };
}

test('killed while Prometheus reads a new set, it begins anew from the last good one, and ends with the new one', async () => {
  const { state, content, publish, start, links } = await host();
  publish('old');
  expect((await start('--once').ended)[0]).toBe(0);
  publish('new');
  state.onReload = () => 'say nothing';
  const { child, ended } = start();
  await until(async () => {
    const [current, loaded] = await links();
    return state.reloads === 2 && current !== loaded ? true : undefined;
  });
  child.kill('SIGKILL');
  await ended;
  // Had Prometheus read the new one, and were it published no more: it is made to read the old one again.
  state.loaded = { 'a.yml': rules('new') };
  await mkdtemp(join(content, 'sets/draft-'));
  publish('old');
  state.onReload = undefined;
  expect((await start('--once').ended)[0]).toBe(0);
  expect(state.loaded).toEqual({ 'a.yml': rules('old') });
  publish('new');
  expect((await start('--once').ended)[0]).toBe(0);
  expect(state.loaded).toEqual({ 'a.yml': rules('new') });
  const [current, loaded] = await links();
  expect(current).toBe(loaded);
  expect(await readdir(join(content, 'sets'))).toHaveLength(2); // and `none`
});

test('--once ends with 1 while what is published is not in use, and the targets are written all the same', async () => {
  const { publish, start } = await host();
  publish('BAD');
  const { ended, output } = start('--once');
  expect((await ended)[0]).toBe(1);
  expect(output()).toContain('promtool refuses: rules/a.yml: 2:5: group \\"BAD\\": could not parse expression');
});

test('a second sidecar on one content folder is refused', async () => {
  const { publish, start, content } = await host();
  publish('old');
  const { output } = start();
  await until(() => (output().includes('content loaded') ? true : undefined));
  const second = start(`--directory=${await temporaryFolder()}`);
  expect((await second.ended)[0]).toBe(2);
  expect(second.output()).toBe(`--content ${content}: another sidecar is at work there\n`);
});
