import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { releasePage, sha256 } from '../scripts/exporters/release-page.ts';

test('a disk that fills during a download is said with what to do, and nothing of the file stays on it', async () => {
  const work = await mkdtemp(join(tmpdir(), 'disk-full-'));
  onTestFinished(() => rm(work, { recursive: true }));
  const bytes = randomBytes(600_000);
  const file = 'node_exporter-1.12.1.linux-amd64.tar.gz';
  const page = await releasePage({ [`/prometheus/node_exporter/releases/download/v1.12.1/${file}`]: bytes });
  const amd64 = { file, size: bytes.length, sha256: sha256(bytes) };
  const locked = { version: '1.12.1', module: 'github.com/prometheus/node_exporter', artifacts: { amd64 } };
  await writeFile(join(work, 'own.lock'), JSON.stringify({ node: locked }));
  // A disk of half a megabyte, mounted where only this command sees it.
  const script = `mount -t tmpfs -o size=512k none ${work}/cache
    "$@"
    echo "code $?"
    find ${work}/cache -type f`;
  await mkdir(join(work, 'cache'));
  const said = await new Promise<{ stdout: string; stderr: string }>((resolve) => {
    const env = {
      ...process.env,
      EXPORTERS_LOCK: join(work, 'own.lock'),
      PROMETHEUS_ON_EMR_MIRROR: page.url,
      PROMETHEUS_ON_EMR_CACHE: join(work, 'cache'),
    };
    const command = [
      '-rm',
      'sh',
      '-c',
      script,
      'sh',
      process.execPath,
      'scripts/exporters/exporters.ts',
      'fetch',
      'node',
    ];
    execFile('unshare', command, { env }, (_, stdout, stderr) => resolve({ stdout, stderr }));
  });
  expect(said.stderr).toMatch(
    /the disk of .*cache\/releases\/artifacts\/node\/1\.12\.1 is full: no room for node_exporter.*, which has 600000 bytes\. Make room, or name a folder on another disk in PROMETHEUS_ON_EMR_CACHE\.\n$/,
  );
  expect(said.stdout).toBe('code 1\n');
  expect(page.asked).toHaveLength(1);
});
