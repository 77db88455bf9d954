import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { ownCgroup, readHost } from '../../sandbox/nodes/host-check.ts';

const CHECKOUT = join(import.meta.dirname, '../..');
const WAITS = [process.execPath, join(import.meta.dirname, 'wait-with-node.ts')];

function enter(command: readonly string[], env: NodeJS.ProcessEnv = process.env): ChildProcess {
  const { npm_command: _, ...rest } = env; // we are the parent here, not npm
  return spawn(process.execPath, ['sandbox/nodes/enter.ts', '--', ...command], {
    cwd: CHECKOUT,
    env: rest,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

async function finished(world: ChildProcess, stdin = '') {
  world.stdin?.end(stdin);
  const { stdout, stderr } = world;
  if (stdout === null || stderr === null) throw new Error('no pipes');
  const [out, err, [code]] = await Promise.all([text(stdout), text(stderr), once(world, 'exit')]);
  return { code: Number(code), out, err };
}

/** Where a world of ours keeps its processes; a scope of systemd has another name and is systemd's to remove. */
function cgroupOf({ pid }: ChildProcess): string {
  const { cgroup, cgroupMount = '' } = readHost(process.env);
  return join(cgroupMount, cgroup === 'root' ? '' : ownCgroup(), `prometheus-on-emr.${pid}`);
}

/** Not where a world that started beside it has swept it away. */
function isPopulated(cgroup: string): boolean {
  const events = join(cgroup, 'cgroup.events');
  return existsSync(events) && readFileSync(events, 'utf8').includes('populated 1');
}

async function waitingWorld(): Promise<ChildProcess> {
  const world = enter(WAITS);
  const [said] = (await once(world.stdout!, 'data')) as [Buffer];
  expect(String(said)).toBe('booted systemd\n');
  return world;
}

test("a command's input, output and exit code pass through the world's edge", async () => {
  expect(await finished(enter(['sh', '-c', 'cat; echo err >&2; exit 5']), 'given')).toEqual({
    code: 5,
    out: 'given',
    err: 'err\n',
  });
});

test('a command that dies of a signal gives 128 and its number', async () => {
  expect((await finished(enter(['sh', '-c', 'kill -KILL $$']))).code).toBe(137);
});

test('inside, the checkout is where it was and can be written, and npx starts the pinned Node', async () => {
  const script = 'pwd; mktemp -u; f=$(mktemp -p node_modules) && rm "$f" && echo written; npx node --version';
  const { out } = await finished(enter(['bash', '-c', script]));
  expect(out.split('\n')).toEqual([CHECKOUT, expect.stringMatching(/^\/run\/tmp\//), 'written', process.version, '']);
});

test('inside, nothing of the machine outside is seen but files', async () => {
  const { out } = await finished(
    enter(['sh', '-c', 'ps -e -o comm= | sort | uniq | tr "\\n" " "; ls /sys/class/net | tr "\\n" " "; id -u']),
  );
  expect(out).toMatch(/^(?:(?:MainThread|node|ps|sh|sort|tr|uniq|world.sh) )+br0 lo 0\n$/);
});

test('SIGTERM asks the command to stop, and its exit code is ours', async () => {
  const world = await waitingWorld();
  const end = finished(world);
  world.kill('SIGTERM');
  expect(await end).toMatchObject({ code: 9, out: 'asked to stop\n' });
  expect(existsSync(cgroupOf(world))).toBe(false);
});

test('kill -9 of the outermost process ends everything; the next world sweeps the empty cgroup', async () => {
  const world = await waitingWorld();
  const cgroup = cgroupOf(world);
  expect(isPopulated(cgroup)).toBe(true);
  const gone = once(world, 'exit'); // until then it is somebody who lives
  world.kill('SIGKILL');
  await gone;
  await vi.waitFor(() => expect(isPopulated(cgroup)).toBe(false), { timeout: 240_000 });
  await finished(enter(['true']));
  expect(existsSync(cgroup)).toBe(false);
});

test('where nodes cannot run, one sentence says why and what to do, and the exit code is 77', async () => {
  const { code, out, err } = await finished(enter(['echo', 'here'], { ...process.env, PATH: '/nowhere' }));
  expect({ code, out }).toEqual({ code: 77, out: '' });
  expect(err).toMatch(/^Systemd nodes cannot run here: .*mmdebstrap.* missing\. sudo apt-get install .*\.\n$/);
});
