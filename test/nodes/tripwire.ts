import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { ask, TOOLS } from './run-document.ts';
import { until } from './stand-ins.ts';

/** A PATH whose tools note what they are called for, and kill the script and all of its children before one call. */
export interface Tripwire {
  readonly path: string;
  /** Kills before this call from now on; without one, before none. */
  set(call?: string): Promise<void>;
  /** The calls since `set` that change something, tool and arguments. */
  calls(): Promise<readonly string[]>;
}

const FOLDER = '/root/tripwire';
/** Those that change something; looking is not a step. */
const CHANGING = ['chmod', 'curl', 'ln', 'mkdir', 'mv', 'rm', 'systemctl', 'tar', 'useradd'];
const WIRE = `#!/bin/bash
case "$*" in
  show* | is-* | --version | *http://127.0.0.1*) ;;
  *)
    CALL="\${0##*/} $*"
    echo "$CALL" >>${FOLDER}/log
    [ "$CALL" != "$(<${FOLDER}/at)" ] || kill -9 0 ;;
esac
exec ${TOOLS}/"\${0##*/}" "$@"
`;

export async function layTripwire(node: SandboxNode): Promise<Tripwire> {
  const file = (name: string) => join(node.root, FOLDER, name);
  await ask(node, `mkdir ${FOLDER} && for tool in ${CHANGING.join(' ')}; do ln -s wire ${FOLDER}/$tool; done`);
  await writeFile(file('wire'), WIRE, { mode: 0o755 });
  return {
    path: `${FOLDER}:${TOOLS}`,
    async set(call = '') {
      await writeFile(file('at'), call);
      await writeFile(file('log'), '');
    },
    calls: async () => (await readFile(file('log'), 'utf8')).trim().split('\n'),
  };
}

/** A PATH with a tool that waits until it is let go. */
export interface Hold {
  readonly path: string;
  /** Until somebody waits. */
  held(): Promise<void>;
  letGo(): Promise<string>;
}

export async function layHold(node: SandboxNode, tool: string): Promise<Hold> {
  const folder = '/root/hold';
  const script = `#!/bin/sh\n: >${folder}/held\nuntil [ -e ${folder}/go ]; do sleep 0.1; done\nexec ${TOOLS}/${tool} "$@"\n`;
  await ask(node, `rm -rf ${folder}; mkdir ${folder}`);
  await writeFile(join(node.root, folder, tool), script, { mode: 0o755 });
  return {
    path: `${folder}:${TOOLS}`,
    held: async () => await until(node, `[ -e ${folder}/held ]`),
    letGo: async () => await ask(node, `: >${folder}/go`),
  };
}
