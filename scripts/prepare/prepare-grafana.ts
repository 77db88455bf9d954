import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fetchArtifact } from '../exporters/fetch-artifact.ts';
import { keptFolder } from '../exporters/kept-folder.ts';
import { readRelease, type Release } from '../exporters/releases.ts';
import { progressLines } from '../progress-lines.ts';
import type { Env } from './prepare-host-program.ts';

const run = promisify(execFile);

/** The folder of the pinned release, or why it cannot be had: nobody but its makers has a built Grafana. */
export type Grafana = { readonly folder: string } | { readonly reason: string };

/** `given`: in place of the pinned one. */
export async function prepareGrafana(cache: string, env: Env = process.env, given?: Release): Promise<Grafana> {
  const release = given ?? (await readRelease('grafana'));
  const { version, artifacts } = release.locked;
  const artifact = artifacts[process.arch === 'arm64' ? 'arm64' : 'amd64'];
  if (artifact === undefined)
    return { reason: `no checksum of Grafana ${version} is locked: npm run exporters -- lock grafana` };
  let reason: string | undefined;
  const folder = await keptFolder(cache, 'grafana', [artifact.sha256], async (draft, content) => {
    const archive = join(draft, artifact.file);
    const options = { env, attempts: 1, onProgress: progressLines(process.stderr) };
    reason = await fetchArtifact(archive, release, artifact, options);
    if (reason !== undefined) throw new Error(reason);
    await run('tar', ['-xzf', archive, '--strip-components=1', '--no-same-owner', '-C', content]);
  }).catch((error: unknown) => {
    if (reason === undefined) throw error;
  });
  return folder === undefined ? { reason: `Grafana ${version}: ${reason}` } : { folder };
}
