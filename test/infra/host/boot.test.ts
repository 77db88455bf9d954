import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const VOLUME = 'vol-0123456789abcdef0';
const LINK = 'nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0';

/** What the scripts call and this machine must not do: each writes down how it was called. */
const STUBS = {
  // Mounted where it was last asked for.
  findmnt: 'cat "$HOME/mounted" 2>/dev/null',
  systemctl:
    'echo "systemctl $*" >>"$HOME/called"; [ "$1" = start ] && readlink -f "$(awk \'END { print $1 }\' "$HOME/fstab")" >"$HOME/mounted"; :',
  'systemd-escape': 'echo data.mount',
  resize2fs: 'echo "resize2fs $*" >>"$HOME/called"',
};

interface Stage {
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly called: () => Promise<string>;
}

async function stage(stubs: Readonly<Record<string, string>> = STUBS): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), 'boot-'));
  onTestFinished(() => rm(home, { recursive: true }));
  await mkdir(join(home, 'bin'));
  for (const [name, script] of Object.entries(stubs)) {
    await writeFile(join(home, 'bin', name), `#!/bin/sh\n${script}\n`);
    await chmod(join(home, 'bin', name), 0o755);
  }
  await writeFile(join(home, 'fstab'), `UUID=1 / xfs defaults 0 0\n/dev/old ${join(home, 'data')} ext4 defaults 0 2\n`);
  const PATH = `${join(home, 'bin')}:/usr/sbin:/usr/bin:/sbin:/bin`;
  const called = async () => await readFile(join(home, 'called'), 'utf8').catch(() => '');
  return { home, env: { PATH, HOME: home }, called };
}

const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    execFile(command, args, { env }, (error, stdout, stderr) =>
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    );
  });

async function disk({ home }: Stage, fill?: (path: string) => Promise<unknown>): Promise<string> {
  const path = join(home, 'disk');
  await writeFile(path, '');
  await truncate(path, 70_000_000);
  await fill?.(path);
  return path;
}
const mount = ({ home, env }: Stage, device: string) =>
  run('sh', ['infra/host/mount-volume.sh', device, join(home, 'data'), join(home, 'fstab')], env);
const typeOf = async (path: string) =>
  (await run('/usr/sbin/blkid', ['-p', '-s', 'TYPE', '-o', 'value', path], {})).stdout.trim();

test('a new volume gets a file system and is mounted at each boot, in place of any other; the second run does nothing', async () => {
  const world = await stage();
  const path = await disk(world);
  expect(await mount(world, path)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(await typeOf(path)).toBe('ext4');
  const lines = (await readFile(join(world.home, 'fstab'), 'utf8')).trim().split('\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toMatch(/disk \S+data ext4 \S*nofail,x-systemd\S+ 0 2$/);
  const called = await world.called();
  expect(called).toBe(`systemctl daemon-reload\nsystemctl start data.mount\nresize2fs ${path}\n`);
  const before = await readFile(path);
  expect(await mount(world, path)).toMatchObject({ code: 0 });
  expect(await world.called()).toBe(`${called}resize2fs ${path}\n`);
  expect(before.equals(await readFile(path))).toBe(true);
});

test('a volume with a file system of ours is mounted as it is, on a new machine', async () => {
  const world = await stage();
  const path = await disk(world, (at) => run('/usr/sbin/mkfs.ext4', ['-q', '-L', 'prometheus-emr', at], {}));
  const before = await readFile(path);
  expect(await mount(world, path)).toMatchObject({ code: 0 });
  expect(before.equals(await readFile(path))).toBe(true);
  expect(await world.called()).toContain('systemctl start data.mount');
});

test('a volume that was made larger has a larger file system within five minutes, and on a new machine at once', async () => {
  const world = await stage({ ...STUBS, resize2fs: 'exec /usr/sbin/resize2fs "$@"' });
  const { env, home } = world;
  const path = await disk(world);
  const blocks = async () =>
    Number(/^Block count: +(\d+)$/m.exec((await run('/usr/sbin/dumpe2fs', ['-h', path], {})).stdout)?.[1]);
  expect(await mount(world, path)).toMatchObject({ code: 0 });
  const before = await blocks();
  await truncate(path, 140_000_000);
  expect(await run('sh', ['infra/host/grow-volume.sh'], env)).toEqual({ code: 0, stdout: '', stderr: '' });
  const after = await blocks();
  expect(after).toBeGreaterThan(before * 1.9);
  await truncate(path, 280_000_000);
  await rm(join(home, 'mounted'));
  expect(await mount(world, path)).toMatchObject({ code: 0 });
  expect(await blocks()).toBeGreaterThan(after * 1.9);
});

test('a file system that cannot grow is said, and keeps no machine from watching', async () => {
  const world = await stage({ ...STUBS, resize2fs: 'echo "errors in the filesystem" >&2; exit 1' });
  const path = await disk(world);
  const said = {
    code: 0,
    stdout: '',
    stderr: expect.stringMatching(/^errors in the filesystem\nmount-volume\.sh: \S+data is not grown for now/),
  };
  expect([await mount(world, path), await mount(world, path)]).toEqual([said, said]);
});

test.each<[string, (path: string) => Promise<unknown>, RegExp]>([
  [
    "another's ext4",
    (at) => run('/usr/sbin/mkfs.ext4', ['-q', '-L', 'their-data', at], {}),
    /holds a file system that is not the host's \(its label is "their-data"\).*: e2label \S+ prometheus-emr$/m,
  ],
  ['another file system', (at) => run('/usr/sbin/mkswap', [at], {}), /holds something that is no ext4 \(swap\)/],
  [
    'partitions',
    (at) =>
      writeFile(
        at,
        Buffer.concat([
          Buffer.alloc(446),
          Buffer.from('80010100830101020100000000080000', 'hex'),
          Buffer.alloc(49),
          Buffer.from('55aa', 'hex'),
        ]),
        { flag: 'r+' },
      ),
    /holds something|not empty/,
  ],
  [
    'bytes that nobody knows',
    (at) => writeFile(at, Buffer.concat([Buffer.alloc(5_000_000), Buffer.from('data')]), { flag: 'r+' }),
    /is not empty, though it has no known file system/,
  ],
])('a volume with %s is never formatted', async (_what, fill, says) => {
  const world = await stage();
  const path = await disk(world, fill);
  const before = await readFile(path);
  const { code, stderr } = await mount(world, path);
  expect([code, stderr]).toEqual([1, expect.stringMatching(says)]);
  expect(stderr).toContain('it is left as it is');
  expect(before.equals(await readFile(path))).toBe(true);
  expect(await world.called()).toBe('');
});

test('a volume that cannot be read is never formatted', async () => {
  const world = await stage({ ...STUBS, 'mkfs.ext4': 'echo "mkfs $*" >>"$HOME/called"' });
  // As an input/output error: it is there, blkid answers 2, and every read fails.
  const path = join(world.home, 'folder');
  await mkdir(path);
  expect((await run('/usr/sbin/blkid', ['-p', path], {})).code).toBe(2);
  const { code, stderr } = await mount(world, path);
  expect([code, stderr]).toEqual([1, expect.stringContaining('or cannot be read: it is left as it is')]);
  expect(await world.called()).toBe('');
});

/** As the AWS CLI: the volume is there at the second try, and the bucket has one release. */
const AWS = `echo "aws $*" >>"$HOME/called"
case "$1 $2" in
'ec2 attach-volume')
  [ -e "$HOME/busy" ] && : >"$DEVICES/${LINK}"
  : >"$HOME/busy"
  echo 'VolumeInUse' >&2; exit 1 ;;
's3 cp') cp "$HOME/bucket/\${6##*/}" "$7" ;;
esac`;

async function bootstrapStage() {
  const world = await stage({ aws: AWS });
  const { home } = world;
  for (const folder of ['devices', 'bucket', 'bundle']) await mkdir(join(home, folder));
  await writeFile(join(home, 'bucket/grafana.tar.gz'), 'grafana');
  await cp('infra/host/bootstrap.sh', join(home, 'bundle/bootstrap.sh'));
  await writeFile(join(home, 'bundle/releases.txt'), 'grafana 1.0.0 aaaa grafana.tar.gz\n');
  await writeFile(join(home, 'bundle/mount-volume.sh'), 'echo "mount $*" >>"$HOME/called"\n');
  const install = 'echo "install $*" >>"$HOME/called"; cat "$2/grafana.tar.gz"\n';
  await writeFile(join(home, 'bundle/install-host.sh'), install);
  const args = [join(home, 'bundle/bootstrap.sh'), VOLUME, 'i-1', '--bucket', 'monitoring', '--region', 'eu-west-1'];
  const env = { ...world.env, DEVICES: join(home, 'devices'), PAUSE: '0.1' };
  return { ...world, boot: () => run('sh', args, env) };
}

test('at boot the volume is attached, as soon as the former instance has let go of it, then mounted; the releases come from the bucket', async () => {
  const { boot, called, home } = await bootstrapStage();
  expect(await boot()).toMatchObject({ code: 0, stdout: 'grafana' });
  const attach = `aws ec2 attach-volume --region eu-west-1 --volume-id ${VOLUME} --instance-id i-1 --device /dev/sdf`;
  const lines = (await called()).trim().split('\n');
  expect(lines.slice(0, 3)).toEqual([attach, attach, `mount ${home}/devices/${LINK} /var/lib/prometheus-on-emr-data`]);
  expect(lines[3]).toMatch(
    /^aws s3 cp --region eu-west-1 --only-show-errors s3:\/\/monitoring\/artifacts\/grafana\/1\.0\.0\/grafana\.tar\.gz /,
  );
  expect(lines[4]).toMatch(/^install --artifacts \S+ --bucket monitoring --region eu-west-1$/);
});

test('a release that the bucket does not have ends it, with its name', async () => {
  const { boot, called, home } = await bootstrapStage();
  await rm(join(home, 'bucket/grafana.tar.gz'));
  expect(await boot()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('grafana.tar.gz cannot be had from monitoring'),
  });
  expect(await called()).not.toContain('install');
});
