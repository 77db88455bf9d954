import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Env, keptFolder, refuse, run } from '../exporters/kept-folder.ts';
import { type Java, prepareJava } from './unpack-debian.ts';

/** Debian packages that the machine needs besides those for nodes; Maven brings a Java of its own. */
export const HADOOP_HOST_PACKAGES = ['maven'] as const;

const VERSION = '3.4.1';

/** Folders on this machine that a node gets by bind mount. */
export interface Hadoop extends Java {
  /** Every jar of the daemons and clients, flat. */
  readonly jars: string;
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

/** Hadoop's jars through Maven and a JDK out of Debian's packages, neither installed. The second call needs no network. */
export async function prepareHadoop(cache: string, env: Env = process.env): Promise<Hadoop> {
  const jars = await keptFolder(cache, 'hadoop', [COPY, POM], (draft, folder) => fetchJars(draft, folder, env));
  return { jars, ...(await prepareJava(cache, env)) };
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
