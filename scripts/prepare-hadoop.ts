import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '../shared/core/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** Debian packages that the machine needs besides those for nodes; Maven brings a Java of its own. */
export const HADOOP_HOST_PACKAGES = ['maven'] as const;

const VERSION = '3.4.1';
/** Debian's name of the architecture. */
const ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** Folders on this machine that a node gets by bind mount. */
export interface Hadoop {
  /** Every jar of the daemons and clients, flat. */
  readonly jars: string;
  /** A JDK, with jcmd. */
  readonly jdk: string;
  /** What Debian keeps of it in /etc/java-17-openjdk, where links of the JDK point to. */
  readonly jdkSettings: string;
}

/** The examples' jar is not among them, for not every registry has it; the timeline service is, for the ResourceManager dies without. */
const MODULES = [
  'hadoop-common',
  'hadoop-hdfs',
  'hadoop-hdfs-client',
  'hadoop-yarn-server-resourcemanager',
  'hadoop-yarn-server-nodemanager',
  'hadoop-yarn-server-timelineservice',
  'hadoop-mapreduce-client-hs',
  'hadoop-mapreduce-client-jobclient',
  'hadoop-mapreduce-client-shuffle',
];
const dependency = (module: string, rest = ''): string =>
  `<dependency><groupId>org.apache.hadoop</groupId><artifactId>${module}</artifactId>${rest}</dependency>`;
/** Without Hadoop's own list of versions Maven picks an old jackson, and the NameNode dies. */
const VERSIONS = dependency('hadoop-project', `<version>${VERSION}</version><type>pom</type><scope>import</scope>`);
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sandbox</groupId><artifactId>hadoop</artifactId><version>1</version>
  <dependencyManagement><dependencies>${VERSIONS}</dependencies></dependencyManagement>
  <dependencies>${MODULES.map((module) => dependency(module)).join('\n')}</dependencies>
</project>
`;
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
/** That of the nodes' image: a newer system's Java would ask for a newer C library. */
const SUITE = 'bookworm';
const JDK_PACKAGE = 'openjdk-17-jdk-headless';

/** Hadoop's jars through Maven and a JDK out of Debian's packages, neither installed. The second call needs no network. */
export async function prepareHadoop(cache: string, env: Env = process.env): Promise<Hadoop> {
  await mkdir(cache, { recursive: true });
  const jars = await kept(cache, 'hadoop', [COPY, POM], (draft, folder) => fetchJars(draft, folder, env));
  const java = await kept(cache, 'java', [SUITE, JDK_PACKAGE, ARCH], (draft, folder) => unpackJdk(draft, folder, env));
  return { jars, jdk: join(java, `jvm/java-17-openjdk-${ARCH}`), jdkSettings: join(java, 'java-17-openjdk') };
}

/** A folder named by its recipe, whole or absent. */
async function kept(
  cache: string,
  name: string,
  recipe: readonly string[],
  fill: (draft: string, folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cache, `${name}-${createHash('sha256').update(recipe.join('\n')).digest('hex').slice(0, 12)}`);
  if (await exists(folder)) return folder;
  const draft = await mkdtemp(join(cache, `${name}-draft-`));
  try {
    const content = join(draft, 'content');
    await mkdir(content);
    process.stderr.write(`Fetching ${name} into ${folder} (about a minute)…\n`);
    await fill(draft, content);
    // The nodes' users are others.
    await run('chmod', ['-R', 'a+rX', content], cache, process.env);
    await rename(content, folder).catch(async (error: unknown) => {
      if (!(await exists(folder))) throw error; // Else another run was quicker: its folder is as good.
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

async function fetchJars(draft: string, folder: string, env: Env): Promise<void> {
  await writeFile(join(draft, 'pom.xml'), POM);
  const quiet = ['--batch-mode', '--quiet', '--strict-checksums'];
  await run('mvn', [...quiet, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`], draft, env).catch(
    refuse(
      `Hadoop ${VERSION} cannot be had through Maven. Install Debian's package maven, and see that a Maven ` +
        'repository can be reached (a mirror is named in ~/.m2/settings.xml).',
    ),
  );
}

async function unpackJdk(draft: string, folder: string, env: Env): Promise<void> {
  const tar = join(draft, 'jdk.tar');
  await run('mmdebstrap', ['--quiet', '--variant=extract', `--include=${JDK_PACKAGE}`, SUITE, tar], draft, env).catch(
    refuse(`${JDK_PACKAGE} cannot be had from Debian ${SUITE}. Install mmdebstrap, and see that the mirror answers.`),
  );
  const take = ['./usr/lib/jvm', './etc/java-17-openjdk'];
  await run(
    'tar',
    ['-xf', tar, '-C', draft, '--no-same-owner', '--exclude=*/jmods', '--exclude=*/man', ...take],
    draft,
    env,
  );
  await rename(join(draft, 'usr/lib/jvm'), join(folder, 'jvm'));
  await rename(join(draft, 'etc/java-17-openjdk'), join(folder, 'java-17-openjdk'));
}

const exec = promisify(execFile);
const MAX_OUTPUT = 16 * 1024 * 1024;
const run = (command: string, args: readonly string[], cwd: string, env: Env) =>
  exec(command, args, { cwd, maxBuffer: MAX_OUTPUT, env: { ...env } });

const refuse = (message: string) => (cause: unknown) => {
  throw new ConfigError(message, { cause });
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
