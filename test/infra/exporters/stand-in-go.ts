import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A stand-in for the Go client: the real one takes a minute and the network. */
export async function standInGo() {
  const bin = await mkdtemp(join(tmpdir(), 'bin-'));
  onTestFinished(() => rm(bin, { recursive: true }));
  const go = `#!/bin/sh
echo "$@" >>${bin}/called
case "$1 $2" in
  'mod edit') echo "\${3#-require=}" >module ;;
  'mod download')
    source=$GOPATH/pkg/mod/$(cat module)
    mkdir -p "$source"
    echo licence >"$source/LICENSE"
    echo notice >"$source/NOTICE"
    ;;
  build*) echo program >"$5" ;;
esac
`;
  await writeFile(join(bin, 'go'), go, { mode: 0o755 });
  return { env: { PATH: `${bin}:/usr/bin:/bin` }, called: async () => await readFile(join(bin, 'called'), 'utf8') };
}
