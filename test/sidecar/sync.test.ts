import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { targetFile } from './sidecar-account.ts';
import { sidecarWorld } from './sidecar-world.ts';

const said = (lines: readonly { message: string }[]) => lines.map(({ message }) => message);

describe('the files on disk follow S3', () => {
  test('a cluster comes, changes, and ends', async () => {
    const { put, remove, sync, files, lines, metrics } = await sidecarWorld();
    put('targets/j-A.json', targetFile(1));
    expect(await sync()).toBe('same');
    put('targets/j-A.json', targetFile(2));
    await sync();
    expect(await files()).toEqual({ 'j-A.json': targetFile(2) });
    put('ended/j-A.json', '{}');
    remove('targets/j-A.json');
    expect(await sync()).toBe('same');
    expect(await files()).toEqual({});
    expect(said(lines)).toEqual(['target file written', 'target file written', 'target file removed']);
    expect(await metrics('emr_sidecar_files_written_total')).toEqual(['emr_sidecar_files_written_total 2']);
    expect(await metrics('emr_sidecar_files_removed_total')).toEqual([
      'emr_sidecar_files_removed_total{reason="ended"} 1',
    ]);
  });

  test('a pass without changes costs one LIST and writes nothing', async () => {
    const { put, sync, calls, lines } = await sidecarWorld();
    for (const id of ['A', 'B', 'C']) put(`targets/j-${id}.json`, targetFile(1));
    await sync();
    calls.length = 0;
    lines.length = 0;
    await sync();
    expect(calls).toEqual(['ListObjectsV2']);
    expect(lines).toEqual([]);
  });

  test('a key on the second page of a LIST is taken over', async () => {
    const { put, sync, files, calls } = await sidecarWorld();
    for (let index = 0; index < 1000; index += 1) put(`targets/${index}.txt`, '');
    put('targets/j-A.json', targetFile(1));
    expect(await sync()).toBe('same');
    expect(calls).toEqual(['ListObjectsV2', 'ListObjectsV2', 'GetObject']);
    expect(await files()).toEqual({ 'j-A.json': targetFile(1) });
  });

  test('after a restart unchanged files are not written again, and a file that somebody deleted comes back', async () => {
    const { put, sync, restart, home, metrics, files } = await sidecarWorld();
    put('targets/j-A.json', targetFile(1));
    put('targets/j-B.json', targetFile(1));
    await sync();
    await restart();
    await rm(join(home, 'targets/j-B.json'));
    await sync();
    expect(await metrics('emr_sidecar_files_written_total')).toEqual(['emr_sidecar_files_written_total 1']);
    expect(Object.keys(await files())).toEqual(['j-A.json', 'j-B.json']);
    await rm(join(home, 'targets/j-A.json'));
    await sync();
    expect(Object.keys(await files())).toEqual(['j-A.json', 'j-B.json']);
  });

  test('a dry run says what it would write and remove, and touches nothing', async () => {
    const { put, sync, files, home } = await sidecarWorld();
    for (const id of ['A', 'B']) put(`targets/j-${id}.json`, targetFile(1));
    await sync();
    const dry = await sidecarWorld('--dry-run', '--directory', home);
    for (const id of ['B', 'C']) dry.put(`targets/j-${id}.json`, targetFile(1));
    dry.put('ended/j-A.json', '{}');
    await dry.sync();
    expect(dry.lines.map(({ message, fields }) => ({ message, ...fields }))).toEqual(
      expect.arrayContaining([
        { message: 'dry run', action: 'remove', clusterId: 'j-A' },
        { message: 'dry run', action: 'write', clusterId: 'j-C' },
      ]),
    );
    expect(dry.lines).toHaveLength(2);
    expect(await files()).toEqual({ 'j-A.json': targetFile(1), 'j-B.json': targetFile(1) });
  });
});

describe('a key that vanishes without ended/', () => {
  const three = async () => {
    const world = await sidecarWorld();
    for (const id of ['A', 'B', 'C']) world.put(`targets/j-${id}.json`, targetFile(1));
    await world.sync();
    world.lines.length = 0;
    return world;
  };

  test('is held for ten minutes, said once, counted, then removed', async () => {
    const { remove, sync, files, pass, lines, metrics } = await three();
    remove('targets/j-A.json');
    await sync();
    pass(599_999);
    await sync();
    expect(Object.keys(await files())).toContain('j-A.json');
    expect(await metrics('emr_sidecar_files_held')).toEqual(['emr_sidecar_files_held 1']);
    expect(said(lines)).toEqual(['target file held']);
    pass(1);
    await sync();
    expect(Object.keys(await files())).toEqual(['j-B.json', 'j-C.json']);
    expect(await metrics('emr_sidecar_files_removed_total')).toEqual([
      'emr_sidecar_files_removed_total{reason="held"} 1',
    ]);
  });

  test('goes at once when ended/ arrives during the hold', async () => {
    const { put, remove, sync, files } = await three();
    remove('targets/j-A.json');
    await sync();
    put('ended/j-A.json', '{}');
    await sync();
    expect(Object.keys(await files())).toEqual(['j-B.json', 'j-C.json']);
  });

  test('that comes back is held anew when it vanishes again', async () => {
    const { put, remove, sync, files, pass } = await three();
    remove('targets/j-A.json');
    await sync();
    pass(500_000);
    put('targets/j-A.json', targetFile(1));
    await sync();
    remove('targets/j-A.json');
    await sync();
    pass(500_000);
    await sync();
    expect(Object.keys(await files())).toContain('j-A.json');
  });

  test('is held anew after a restart: nothing goes before S3 has answered twice', async () => {
    const { remove, sync, files, pass, restart } = await three();
    remove('targets/j-A.json');
    await sync();
    pass(700_000);
    await restart();
    await sync();
    expect(Object.keys(await files())).toContain('j-A.json');
  });
});

describe('an emptied bucket', () => {
  const emptied = async () => {
    const world = await sidecarWorld();
    for (const id of ['A', 'B', 'C', 'D']) world.put(`targets/j-${id}.json`, targetFile(1));
    await world.sync();
    world.lines.length = 0;
    for (const id of ['A', 'B', 'C']) world.remove(`targets/j-${id}.json`);
    await world.sync();
    return world;
  };

  test('takes no file away, however long it lasts, and is said once', async () => {
    const { sync, pass, files, lines, metrics } = await emptied();
    pass(86_400_000);
    await sync();
    expect(Object.keys(await files())).toHaveLength(4);
    expect(said(lines)).toEqual(['over half of all keys vanished, their files are kept']);
    expect(await metrics('emr_sidecar_files_kept')).toEqual(['emr_sidecar_files_kept 3']);
  });

  test('still takes no file away when new clusters outnumber the vanished, nor after a restart then', async () => {
    const { put, sync, pass, files, restart } = await emptied();
    for (let index = 0; index < 20; index += 1) put(`targets/j-NEW${index}.json`, targetFile(1));
    await sync();
    await restart();
    await sync();
    pass(86_400_000);
    await sync();
    expect(Object.keys(await files())).toHaveLength(24);
  });

  test('is let go when somebody says so', async () => {
    const { sync, files, metrics } = await emptied();
    await sync(true);
    expect(await files()).toEqual({ 'j-D.json': targetFile(1) });
    await sync();
    expect(await metrics('emr_sidecar_files_kept')).toEqual(['emr_sidecar_files_kept 0']);
  });

  test('is forgotten for the keys that come back', async () => {
    const { put, sync, pass, files, remove } = await emptied();
    for (const id of ['A', 'B', 'C']) put(`targets/j-${id}.json`, targetFile(2));
    await sync();
    remove('targets/j-A.json');
    await sync();
    pass(600_000);
    await sync();
    expect(Object.keys(await files())).toEqual(['j-B.json', 'j-C.json', 'j-D.json']);
  });
});
