import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Env, keptFolder, refuse, run } from '../exporters/kept-folder.ts';
import { prepareJava } from './unpack-debian.ts';

const VERSION = '2.1.0';
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>sandbox</groupId><artifactId>event-ruler</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>software.amazon.event.ruler</groupId><artifactId>event-ruler</artifactId><version>${VERSION}</version>
  </dependency></dependencies>
</project>
`;
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** EventBridge's own matching engine (github.com/aws/event-ruler), and a JDK. */
export interface EventRuler {
  readonly jars: string;
  readonly java: string;
}

/** Jars through Maven and a JDK out of Debian's packages, neither installed. The second call needs no network. */
export async function prepareEventRuler(cache: string, env: Env = process.env): Promise<EventRuler> {
  const jars = await keptFolder(cache, 'event-ruler', [COPY, POM], async (draft, folder) => {
    await writeFile(join(draft, 'pom.xml'), POM);
    const quiet = ['--batch-mode', '--quiet', '--strict-checksums'];
    await run('mvn', [...quiet, COPY, '-DincludeScope=runtime', `-DoutputDirectory=${folder}`], draft, env).catch(
      refuse(
        `event-ruler ${VERSION} cannot be had through Maven. Install Debian's package maven, and see that a Maven ` +
          'repository can be reached (a mirror is named in ~/.m2/settings.xml).',
      ),
    );
  });
  const { jdk } = await prepareJava(cache, env);
  return { jars, java: join(jdk, 'bin/java') };
}
