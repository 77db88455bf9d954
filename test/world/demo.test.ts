import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { cacheFolder } from '../../scripts/cache-folder.ts';

const cache = cacheFolder(process.env);
const left = (): readonly string[] => readdirSync(cache).filter((name) => /^(?:demo|pages)-/.test(name));

/** Processes of the story: its home folder is among their arguments. */
const processes = (): readonly string[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(join('/proc', pid, 'cmdline'), 'utf8');
      } catch {
        return ''; // ended meanwhile
      }
    })
    .filter((line) => line.includes(`${cache}/demo-`));

test('Ctrl-C in the middle of the story ends it with 130 and leaves no file and no process', async () => {
  const before = { left: left(), processes: processes() };
  const { npm_command: _, ...env } = process.env; // we are the parent here, not npm
  // A group of its own, as a terminal gives each job one: Ctrl-C reaches all of it.
  const demo = spawn(process.execPath, ['sandbox/demo.ts', '--keep'], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(demo.stdout)) if (/node i-\w+ booted/.test(line)) break;
  expect(processes().length).toBeGreaterThan(before.processes.length);
  process.kill(-Number(demo.pid), 'SIGINT');
  demo.stdout.resume();
  const [code] = (await once(demo, 'exit')) as [number | null];
  expect([code, left(), processes()]).toEqual([130, before.left, before.processes]);
});

test('a flag that the demo does not know is answered with those that it knows', async () => {
  const demo = spawn(process.execPath, ['sandbox/demo.ts', '--kep'], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [said, [code]] = await Promise.all([text(demo.stderr), once(demo, 'exit')]);
  expect([code, said]).toEqual([1, expect.stringMatching(/'--kep'[^]*--keep[^]*--ssm-agent DIR/)]);
});
