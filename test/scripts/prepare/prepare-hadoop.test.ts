import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { prepareHadoop } from '../../../scripts/prepare/prepare-hadoop.ts';

/** Stand in for Maven and mmdebstrap: they note that they were called, and leave what the real ones would. */
const MVN = `#!/bin/bash
echo mvn >>"$CALLS"
grep -q '<artifactId>hadoop-hdfs</artifactId>' pom.xml || exit 1
for option in "$@"; do case $option in -DoutputDirectory=*) echo jar >"\${option#*=}/hadoop-hdfs.jar" ;; esac; done
`;
const MMDEBSTRAP = `#!/bin/bash
echo mmdebstrap >>"$CALLS"
jvm=./usr/lib/jvm/java-17-openjdk-amd64
[ "$(uname -m)" = x86_64 ] || jvm=./usr/lib/jvm/java-17-openjdk-arm64
mkdir -p $jvm/bin $jvm/jmods ./etc/java-17-openjdk
echo jcmd >$jvm/bin/jcmd
echo net >./etc/java-17-openjdk/net.properties
tar -cf "\${!#}" ./usr ./etc && rm -rf usr etc
`;

async function machine() {
  const folder = await mkdtemp(join(tmpdir(), 'hadoop-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const calls = join(folder, 'calls');
  await writeFile(calls, '');
  const env = { PATH: `${folder}:${process.env['PATH']}`, CALLS: calls };
  return {
    cache: join(folder, 'cache'),
    env,
    calls: async () => (await readFile(calls, 'utf8')).trim().split('\n'),
    install: async (name: string, body: string) => {
      await writeFile(join(folder, name), body);
      await chmod(join(folder, name), 0o755);
    },
  };
}

test('jars and a JDK with jcmd come once, readable by everybody; the second call asks nobody', async () => {
  const { cache, env, calls, install } = await machine();
  await install('mvn', MVN);
  await install('mmdebstrap', MMDEBSTRAP);
  const before = process.umask(0o077);
  onTestFinished(() => void process.umask(before));
  const hadoop = await prepareHadoop(cache, env);
  expect(await readdir(hadoop.jars)).toEqual(['hadoop-hdfs.jar']);
  expect(await readdir(join(hadoop.jdk, 'bin'))).toEqual(['jcmd']);
  expect(await readdir(hadoop.jdkSettings)).toEqual(['net.properties']);
  expect((await stat(hadoop.jars)).mode & 0o005).toBe(0o005);
  expect((await stat(join(hadoop.jars, 'hadoop-hdfs.jar'))).mode & 0o004).toBe(0o004);
  expect(await prepareHadoop(cache, env)).toEqual(hadoop);
  expect(await calls()).toEqual(['mvn', 'mmdebstrap']);
});

test('two at once end with one of each, and no draft', async () => {
  const { cache, env, install } = await machine();
  await install('mvn', MVN);
  await install('mmdebstrap', MMDEBSTRAP);
  const [one, other] = await Promise.all([prepareHadoop(cache, env), prepareHadoop(cache, env)]);
  expect(one).toEqual(other);
  expect((await readdir(cache)).map((name) => name.replace(/-[0-9a-f]{12}$/, '')).sort()).toEqual(['hadoop', 'java']);
});

test('what Maven cannot fetch is said with what to do, and leaves nothing behind', async () => {
  const { cache, env, install } = await machine();
  await install('mvn', '#!/bin/bash\nexit 1\n');
  await expect(prepareHadoop(cache, env)).rejects.toThrow(/Install Debian's package maven/);
  expect(await readdir(cache)).toEqual([]);
});

test('a JDK that Debian does not give is said with what to do, and the jars stay', async () => {
  const { cache, env, install } = await machine();
  await install('mvn', MVN);
  await install('mmdebstrap', '#!/bin/bash\nexit 1\n');
  await expect(prepareHadoop(cache, env)).rejects.toThrow(/openjdk-17-jdk-headless cannot be had from Debian bookworm/);
  expect(await readdir(cache)).toEqual([expect.stringMatching(/^hadoop-[0-9a-f]{12}$/)]);
});
