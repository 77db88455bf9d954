import { chmod, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type ContentFile, contentKey, renderManifest } from '../../shared/core/content.ts';
import { sha256 } from '../../sidecar/content/content-folder.ts';
import { sidecarWorld, temporaryFolder } from './sidecar-world.ts';

export type Bodies = Readonly<Record<string, string>>;

export const rules = (text: string): string => `groups:\n  - name: ${text}\n`;
export const dashboard = (uid: string, title = uid): string => JSON.stringify({ uid, title, panels: [] });
export const prices = (...rows: readonly string[]): string =>
  ['instance_type,region,market,usd_per_hour', ...rows, ''].join('\n');

export const manifestOf = (
  bodies: Bodies,
  changed: (files: readonly ContentFile[]) => readonly object[] = (all) => all,
) => {
  const files = Object.entries(bodies).map(([path, body]) => ({
    path,
    sha256: sha256(body),
    size: Buffer.byteLength(body),
  }));
  return renderManifest({ files: changed(files) as readonly ContentFile[] });
};

/** Where that file, with that body, lies in the bucket. */
export const keyOf = (path: string, body: string): string => contentKey({ path, sha256: sha256(body) });

/** Refuses rules in which BAD is written, as promtool does; anything else of it is `script`. */
const PROMTOOL = `#!/bin/sh
shift 2
for file; do
  echo "Checking $file"
  if grep -q BAD "$file"; then echo "  FAILED:" >&2; echo "$file: 2:5: group \\"BAD\\": could not parse expression" >&2; exit 1; fi
  echo "  SUCCESS: 1 rules found"
done
`;

/** A program of that name and text; answers its path. */
export async function program(script = PROMTOOL): Promise<string> {
  const path = join(await temporaryFolder(), 'promtool');
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

/** As much of Prometheus as a reload is: it reads what is on disk then, and may refuse it. */
export async function fakePrometheus(content: string) {
  const state = {
    isReady: true,
    /** Refuses a set in which this is written. */
    refuses: undefined as RegExp | undefined,
    /** Instead of any answer to a reload. */
    onReload: undefined as (() => 'hang up' | 'say nothing' | number | undefined) | undefined,
    reloads: 0,
    loaded: {} as Bodies,
  };
  const onDisk = async (): Promise<Bodies> => {
    const folder = join(content, 'current/rules');
    const names = await readdir(folder).catch(() => []);
    return Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const)),
    );
  };
  const server = createServer((request, response) => {
    const answer = (status: number, text = ''): void => void response.writeHead(status).end(text);
    if (request.method === 'GET' && request.url === '/-/ready') return answer(state.isReady ? 200 : 503);
    if (request.method !== 'POST' || request.url !== '/-/reload') return answer(404);
    state.reloads += 1;
    const instead = state.onReload?.();
    if (instead === 'hang up') return void request.destroy();
    if (instead === 'say nothing') return;
    if (instead !== undefined) return answer(instead);
    void onDisk().then((bodies) => {
      if (state.refuses?.test(Object.values(bodies).join('\n')) === true)
        return answer(500, 'failed to reload config: one or more errors occurred');
      state.loaded = bodies;
      answer(200);
    });
  });
  const listen = (port: number) => new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  onTestFinished(stop);
  return { state, url: `http://127.0.0.1:${port}`, stop, start: () => listen(port) };
}

/** A sidecar that syncs content, in this process, on a real disk, between the simulated S3 and a stand-in for Prometheus. */
export async function contentWorld(promtool?: string, folder?: string) {
  const home = folder ?? join(await temporaryFolder(), 'content');
  await mkdir(home, { recursive: true });
  const prometheus = await fakePrometheus(home);
  const flags = ['--content', home, '--promtool', promtool ?? (await program()), '--prometheus', prometheus.url];
  const world = await sidecarWorld(...flags);
  return {
    ...world,
    content: home,
    prometheus,
    look: () => world.content().sync(),
    view: () => world.content().view(),
    publish: (bodies: Bodies, manifest = manifestOf(bodies)): void => {
      for (const [path, body] of Object.entries(bodies)) world.put(keyOf(path, body), body);
      world.put('content/manifest.json', manifest);
    },
    errors: () => world.lines.filter(({ level }) => level === 'error').map(({ fields }) => String(fields['error'])),
    said: () => world.lines.map(({ message }) => message),
    inUse: async (path: string) => await readFile(join(home, 'current', path), 'utf8').catch(() => undefined),
    sets: async () => (await readdir(join(home, 'sets'))).filter((name) => name !== 'none'),
    links: async () => [await readlink(join(home, 'current')), await readlink(join(home, 'loaded'))],
  };
}
