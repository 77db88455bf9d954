import { chmod, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { prepareSpark } from '../../../scripts/prepare/prepare-spark.ts';

/** Stand in for pip and mmdebstrap: they note what they were asked for, and leave what the real ones would. */
const PYTHON = `#!/bin/bash
for option in "$@"; do case $option in --dest=*) dest=\${option#*=} ;; --requirement=*) pinned=\${option#*=} ;; esac; done
cat "$pinned" >>"$CALLS"
version=$(sed 's/pyspark==\\([0-9.]*\\) .*/\\1/' "$pinned")
cd "$dest" && tree=pyspark-$version
mkdir -p $tree/deps/{bin,sbin,jars,examples} $tree/pyspark $tree/lib
touch $tree/deps/bin/spark-submit $tree/deps/jars/spark-core.jar $tree/pyspark/sql.py $tree/lib/py4j-0-src.zip
chmod -R go-rwx $tree && tar -czf $tree.tar.gz $tree && rm -r $tree
`;
const MMDEBSTRAP = `#!/bin/bash
echo mmdebstrap >>"$CALLS"
jvm=./usr/lib/jvm/java-17-openjdk-amd64
[ "$(uname -m)" = x86_64 ] || jvm=./usr/lib/jvm/java-17-openjdk-arm64
mkdir -p $jvm ./etc/java-17-openjdk ./usr/bin ./usr/lib/python3.11
touch ./usr/bin/python3.11 ./usr/lib/python3.11/os.py
tar -cf "\${!#}" ./usr ./etc && rm -rf usr etc
`;

async function machine() {
  const folder = await mkdtemp(join(tmpdir(), 'spark-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const calls = join(folder, 'calls');
  await writeFile(calls, '');
  const install = async (name: string, body: string) => {
    await writeFile(join(folder, name), body);
    await chmod(join(folder, name), 0o755);
  };
  await install('python3', PYTHON);
  await install('mmdebstrap', MMDEBSTRAP);
  return {
    cache: join(folder, 'cache'),
    env: { PATH: `${folder}:${process.env['PATH']}`, CALLS: calls },
    calls: async () => (await readFile(calls, 'utf8')).trim().split('\n'),
    install,
  };
}

test('Spark comes once, by its checksum, for everybody to run, with its settings on the node', async () => {
  const { cache, env, calls } = await machine();
  const spark = await prepareSpark(cache, 3, env);
  expect((await readdir(spark.home)).toSorted()).toEqual(['bin', 'conf', 'jars', 'python', 'sbin']);
  expect(await readlink(join(spark.home, 'conf'))).toBe('/etc/spark/conf');
  expect(await readdir(join(spark.home, 'python'))).toEqual(['lib', 'pyspark']);
  expect((await stat(join(spark.home, 'bin/spark-submit'))).mode & 0o005).toBe(0o005);
  expect((await stat(join(spark.home, 'jars/spark-core.jar'))).mode & 0o004).toBe(0o004);
  expect(await readdir(spark.python.library)).toEqual(['os.py']);
  expect((await stat(spark.python.program)).isFile()).toBe(true);
  expect(await prepareSpark(cache, 3, env)).toEqual(spark);
  expect(await calls()).toEqual([
    expect.stringMatching(/^pyspark==3\.5\.\d+ --hash=sha256:[0-9a-f]{64}$/),
    'mmdebstrap',
    'mmdebstrap',
  ]);
});

test('Spark 4 is another one, beside it', async () => {
  const { cache, env, calls } = await machine();
  const [three, four] = [await prepareSpark(cache, 3, env), await prepareSpark(cache, 4, env)];
  expect(four.version).toMatch(/^4\.0\./);
  expect(four.home).not.toBe(three.home);
  expect({ ...four, version: '', home: '' }).toEqual({ ...three, version: '', home: '' });
  expect((await calls()).filter((line) => line.startsWith('pyspark'))).toHaveLength(2);
});

test('what PyPI does not give is said with what to do, and leaves nothing behind', async () => {
  const { cache, env, install } = await machine();
  await install('python3', '#!/bin/bash\nexit 1\n');
  await expect(prepareSpark(cache, 3, env)).rejects.toThrow(/pyspark 3\.5\.\d+ cannot be had from PyPI.*python3-pip/);
  expect(await readdir(cache)).toEqual([]);
});
