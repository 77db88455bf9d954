import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LockedExporter } from '../../../scripts/exporters/exporters-lock.ts';
import { lockForDeploy } from '../../../scripts/deploy/lock-for-deploy.ts';
import { lockMissing, lockVersion } from '../../../scripts/exporters/lock-releases.ts';
import { readReleases, type Release } from '../../../scripts/exporters/releases.ts';
import { ConfigError } from '../../../shared/core/errors.ts';
import { aRelease, NOWHERE, releasePage, scratch, sha256, status } from './release-page.ts';

const node = aRelease();
const NEXT = aRelease('node_exporter', '1.13.0');

let root: string;
beforeEach(async () => {
  root = await scratch();
});

const lockOf = (name: string): string => join(root, `infra/exporters/${name}/exporter.lock`);

async function checkout(locks: Readonly<Record<string, LockedExporter>>): Promise<readonly Release[]> {
  for (const [name, locked] of Object.entries(locks)) {
    await mkdir(dirname(lockOf(name)), { recursive: true });
    await writeFile(lockOf(name), `${JSON.stringify(locked, undefined, 2)}\n`);
  }
  return await readReleases(undefined, root);
}

const written = async (name: string): Promise<unknown> => JSON.parse(await readFile(lockOf(name), 'utf8'));
const quick = (page: string) => ({ releasePage: page, pause: async () => undefined });

describe('lock', () => {
  test('writes the checksums of the official list and the sizes that the page tells', async () => {
    const releases = await checkout({ node: node.unlocked });
    const page = await releasePage({ ...node.files, [node.list]: node.sums });
    const { locked, unlocked } = await lockMissing(releases, quick(page.url));
    expect(locked.map(({ file }) => file)).toEqual([node.file('amd64'), node.file('arm64')]);
    expect(unlocked).toEqual([]);
    expect(await written('node')).toEqual(node.locked);
    expect(page.asked).toEqual(['GET sha256sums.txt', `HEAD ${node.file('amd64')}`, `HEAD ${node.file('arm64')}`]);
  });

  test('takes a list beside each file where the project publishes them so, with or without a name in it', async () => {
    const files = { agent: 'jmx_agent-1.6.0.jar', standalone: 'jmx_standalone-1.6.0.jar' };
    const module = 'github.com/prometheus/jmx_exporter';
    const jmx = { version: '1.6.0', module, tag: '1.6.0', checksums: '{file}.sha256', artifacts: {}, unlocked: files };
    const base = '/prometheus/jmx_exporter/releases/download/1.6.0';
    const page = await releasePage({
      [`${base}/${files.agent}.sha256`]: `${sha256('agent')}  RELEASE/${files.agent}\n`,
      [`${base}/${files.standalone}.sha256`]: sha256('standalone'),
    });
    await lockMissing(await checkout({ jmx }), quick(page.url));
    expect(await written('jmx')).toMatchObject({
      artifacts: {
        agent: { file: files.agent, sha256: sha256('agent') },
        standalone: { file: files.standalone, sha256: sha256('standalone') },
      },
    });
    expect(await written('jmx')).not.toHaveProperty('unlocked');
  });

  test('a file that the list does not name stays unlocked, and the others are locked', async () => {
    const page = await releasePage({ [node.list]: node.sums.replaceAll(node.file('arm64'), 'other.tar.gz') });
    const { unlocked } = await lockMissing(await checkout({ node: node.unlocked }), quick(page.url));
    expect(unlocked).toMatchObject([
      { key: 'arm64', reason: `${page.url}${node.list} does not name ${node.file('arm64')}` },
    ]);
    expect(await written('node')).toMatchObject({
      artifacts: { amd64: { sha256: node.artifact('amd64').sha256 } },
      unlocked: { arm64: node.file('arm64') },
    });
  });

  test.each<[string, string]>([
    ['a page that is no list', '<html>Sign in</html>'],
    ['a line without a name in a list of several files', sha256('x')],
    ['a checksum that is cut', `${sha256('x').slice(1)}  ${node.file('amd64')}`],
    ['two checksums of one file', `${sha256('x')}  ${node.file('amd64')}\n${sha256('y')}  ${node.file('amd64')}`],
  ])('%s locks nothing', async (_, text) => {
    const releases = await checkout({ node: node.unlocked });
    const page = await releasePage({ [node.list]: text });
    const { locked, unlocked } = await lockMissing(releases, quick(page.url));
    expect([locked.length, unlocked.length]).toEqual([0, 2]);
    expect(await written('node')).toEqual(node.unlocked);
  });

  test('a list that contradicts the lock is an error, and no lock is written', async () => {
    const graphite = aRelease('graphite_exporter', '0.17.0');
    const changed = node.sums.replace(node.artifact('amd64').sha256, sha256('another file'));
    const page = await releasePage({ [node.list]: changed, [graphite.list]: graphite.sums });
    const releases = await checkout({ graphite: graphite.unlocked, node: node.locked });
    const refused = lockMissing(releases, { ...quick(page.url), compare: true });
    await expect(refused).rejects.toThrow(
      new RegExp(
        `${node.file('amd64')} was changed since it was locked: .*exporter.lock says SHA-256 ${node.artifact('amd64').sha256}, the official list ${sha256('another file')}`,
      ),
    );
    await expect(refused).rejects.toBeInstanceOf(ConfigError);
    expect(await written('node')).toEqual(node.locked);
    expect(await written('graphite')).toEqual(graphite.unlocked);
  });

  test('what is locked altogether asks nobody, unless it is to be compared; then it gains the sizes', async () => {
    const { size: _, ...amd64 } = node.artifact('amd64');
    const releases = await checkout({ node: { ...node.locked, artifacts: { ...node.locked.artifacts, amd64 } } });
    const page = await releasePage({ ...node.files, [node.list]: node.sums });
    await lockMissing(releases, quick(page.url));
    expect(page.asked).toEqual([]);
    await lockMissing(releases, { ...quick(page.url), compare: true });
    expect(await written('node')).toEqual(node.locked);
  });

  test('without the list, what is locked stays locked, and is said not to be compared', async () => {
    const report = await lockMissing(await checkout({ node: node.locked }), { ...quick(NOWHERE), compare: true });
    expect(report.uncompared.map(({ file }) => file)).toEqual([node.file('amd64'), node.file('arm64')]);
    expect(await written('node')).toEqual(node.locked);
  });
});

describe('another version', () => {
  test('is locked by its own list', async () => {
    const [release] = await checkout({ node: node.locked });
    const page = await releasePage({ ...NEXT.files, [NEXT.list]: NEXT.sums });
    if (release !== undefined) await lockVersion(release, '1.13.0', quick(page.url));
    expect(await written('node')).toEqual(NEXT.locked);
  });

  test('is looked for under its own tag where that is not v and the version', async () => {
    const [release] = await checkout({ node: { ...node.locked, tag: 'node-1.12.1' } });
    const page = await releasePage({ [NEXT.list.replace('/v1.13.0/', '/node-1.13.0/')]: NEXT.sums });
    if (release !== undefined) await lockVersion(release, '1.13.0', quick(page.url));
    expect(await written('node')).toMatchObject({ version: '1.13.0', tag: 'node-1.13.0' });
  });

  test('without an official list is refused with the reason, and the lock stays', async () => {
    const [release] = await checkout({ node: node.locked });
    const page = await releasePage({});
    if (release === undefined) throw new Error('no release');
    await expect(lockVersion(release, '9.9.9', quick(page.url))).rejects.toThrow(
      /^node 9\.9\.9 has no official checksum, .*stays at 1\.12\.1: .*v9\.9\.9\/sha256sums\.txt: answered 404.*https:\/\/github\.com\/prometheus\/node_exporter\/releases$/,
    );
    expect(await written('node')).toEqual(node.locked);
  });

  test('written into the lock by hand is refused, naming field, value and fix', async () => {
    await expect(checkout({ node: { ...node.locked, version: '1.13.0' } })).rejects.toThrow(
      /infra\/exporters\/node\/exporter\.lock: version is 1\.13\.0, but node_exporter-1\.12\.1.* is of another: .*npm run exporters -- lock node=1\.13\.0/,
    );
  });
});

describe('a deploy', () => {
  const BOTH = new Map([['node', ['amd64', 'arm64']]]);
  const deploying = async (page: string, wanted: ReadonlyMap<string, readonly string[]> = BOTH, lockPath?: string) => {
    const lines: string[] = [];
    const say = (line: string): void => void lines.push(line);
    const releases = await lockForDeploy({ ...quick(page), lockPath, wanted, say, folder: root });
    return { releases, lines };
  };

  test('locks what is not locked yet, and says what to commit', async () => {
    await checkout({ node: node.unlocked });
    const page = await releasePage({ ...node.files, [node.list]: node.sums });
    const { releases, lines } = await deploying(page.url);
    expect(releases).toMatchObject([{ name: 'node', locked: { artifacts: node.locked.artifacts } }]);
    expect(lines).toHaveLength(2);
    for (const line of lines)
      expect(line).toMatch(/is locked by its official checksum now: commit .*node\/exporter\.lock$/);
  });

  test('refuses a file without an official checksum, with the ways out', async () => {
    await checkout({ node: node.unlocked });
    const page = await releasePage({ [node.list]: '' }, { [node.list]: [status(404)] });
    await expect(deploying(page.url)).rejects.toThrow(
      /amd64\.tar\.gz \(.*\) has no official checksum: .*answered 404\n.*arm64[^]*npm run exporters -- lock.*exporters\.node\.enabled: false/,
    );
  });

  test('asks nothing of exporters that are switched off, or for a file that no option takes', async () => {
    await checkout({ node: node.unlocked });
    const page = await releasePage({ [node.list]: node.sums.replaceAll(node.file('arm64'), 'other.tar.gz') });
    expect((await deploying(page.url, new Map())).releases).toEqual([]);
    expect(page.asked).toEqual([]);
    await deploying(page.url, new Map([['node', ['amd64']]]));
    await expect(deploying(page.url)).rejects.toThrow(/arm64/);
  });

  test('with a lock of its own (EXPORTERS_LOCK) neither asks nor writes', async () => {
    await checkout({});
    const lockPath = join(root, 'own.lock');
    const text = JSON.stringify({ node: { ...node.unlocked, artifacts: { amd64: node.artifact('amd64') } } });
    await writeFile(lockPath, text);
    const page = await releasePage({ [node.list]: node.sums });
    expect((await deploying(page.url, new Map([['node', ['amd64']]]), lockPath)).releases).toHaveLength(1);
    await expect(deploying(page.url, BOTH, lockPath)).rejects.toThrow(/arm64.*EXPORTERS_LOCK has none/);
    expect(page.asked).toEqual([]);
    expect(await readFile(lockPath, 'utf8')).toBe(text);
  });
});
