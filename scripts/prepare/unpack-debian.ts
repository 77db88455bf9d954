import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Env, keptFolder, refuse, run } from '../exporters/kept-folder.ts';

/** That of the nodes' image: a newer system's programs would ask for a newer C library. */
const SUITE = 'bookworm';
/** Debian's name of the architecture. */
const ARCH = process.arch === 'arm64' ? 'arm64' : 'amd64';
const JDK_PACKAGE = 'openjdk-17-jdk-headless';
/** What it asks for besides is on every node. */
const PYTHON_PACKAGES = ['python3.11-minimal', 'libpython3.11-stdlib'];

/** Folders on this machine that a node gets by bind mount. */
export interface Java {
  /** A JDK, with jcmd. */
  readonly jdk: string;
  /** What Debian keeps of it in /etc/java-17-openjdk, where links of the JDK point to. */
  readonly jdkSettings: string;
}

/** A JDK out of Debian's packages, not installed. */
export async function prepareJava(cache: string, env: Env): Promise<Java> {
  const folder = await keptFolder(cache, 'java', [SUITE, JDK_PACKAGE, ARCH], (draft, content) =>
    unpack([JDK_PACKAGE], ['usr/lib/jvm', 'etc/java-17-openjdk'], { draft, content, env }),
  );
  return { jdk: join(folder, `jvm/java-17-openjdk-${ARCH}`), jdkSettings: join(folder, 'java-17-openjdk') };
}

export interface Python {
  /** A file: the program. */
  readonly program: string;
  readonly library: string;
}

/** Python out of Debian's packages, not installed. */
export async function preparePython(cache: string, env: Env): Promise<Python> {
  const folder = await keptFolder(cache, 'python', [SUITE, ...PYTHON_PACKAGES, ARCH], (draft, content) =>
    unpack(PYTHON_PACKAGES, ['usr/bin', 'usr/lib/python3.11'], { draft, content, env }),
  );
  return { program: join(folder, 'bin/python3.11'), library: join(folder, 'python3.11') };
}

interface Place {
  readonly draft: string;
  readonly content: string;
  readonly env: Env;
}

/** Folders of packages, with all that they need, side by side. */
async function unpack(packages: readonly string[], folders: readonly string[], { draft, content, env }: Place) {
  const tar = join(draft, 'packages.tar');
  const include = `--include=${packages.join(',')}`;
  await run('mmdebstrap', ['--quiet', '--variant=extract', include, SUITE, tar], draft, env).catch(
    refuse(
      `${packages.join(', ')} cannot be had from Debian ${SUITE}. Install mmdebstrap, and see that the mirror answers.`,
    ),
  );
  const leaveOut = ['--no-same-owner', '--exclude=*/jmods', '--exclude=*/man'];
  await run('tar', ['-xf', tar, '-C', draft, ...leaveOut, ...folders.map((folder) => `./${folder}`)], draft, env);
  for (const folder of folders) await rename(join(draft, folder), join(content, basename(folder)));
}
