import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LOCKED as TESTED_JMX } from '../../../sandbox/exporters/jmx.ts';
import { buildDocuments, type BuiltDocument } from '../../../scripts/package/build-documents.ts';
import { lockedExporter, readExportersLock, type ExportersLock } from '../../../scripts/exporters/exporters-lock.ts';
import { lockMissing } from '../../../scripts/exporters/lock-releases.ts';
import { prepareExporters } from '../../../scripts/prepare/prepare-exporters.ts';
import { readReleases } from '../../../scripts/exporters/releases.ts';
import { NOWHERE, releasePage, scratch, sha256 } from '../../scripts/exporters/release-page.ts';
import { standInGo } from './stand-in-go.ts';

const shipped = await readExportersLock();

/** The locks of demo and tests: node_exporter and graphite_exporter of Go, jmx_exporter of Maven. */
async function testedLock(): Promise<ExportersLock> {
  const { env } = await standInGo();
  const { node, graphite } = { node: lockedExporter(shipped, 'node'), graphite: lockedExporter(shipped, 'graphite') };
  const { lock } = await prepareExporters(await scratch(), { node, graphite }, env, NOWHERE);
  return { ...lock, jmx: TESTED_JMX };
}

/** This repository's locks once an official list has been had for what is not locked; its checksums stand for the real ones. */
async function shippedLock(): Promise<ExportersLock> {
  const root = await scratch();
  await cp('infra', join(root, 'infra'), {
    recursive: true,
    filter: (path) => /(?:\/[\w-]+|\.lock)$/.test(`/${path}`),
  });
  const releases = await readReleases(undefined, root);
  const lists = releases.flatMap(({ locked: { version, tag = `v${version}`, module, unlocked = {} } }) => {
    const base = `${module.replace('github.com', '')}/releases/download/${tag}`;
    const files = Object.values(unlocked);
    return [
      [`${base}/sha256sums.txt`, files.map((file) => `${sha256(file)}  ${file}`).join('\n')],
      ...files.map((file) => [`${base}/${file}.sha256`, `${sha256(file)}  ${file}`]),
    ];
  });
  const page = await releasePage(Object.fromEntries(lists) as Record<string, string>);
  const report = await lockMissing(releases, { releasePage: page.url });
  return Object.fromEntries(report.releases.map(({ name, locked }) => [name, locked]));
}

/** A parameter is there for each file that is: of those that tests have, for this machine. */
const ofThisMachine = (lock: ExportersLock, tested: ExportersLock): ExportersLock =>
  Object.fromEntries(
    Object.entries(tested).map(([name, { artifacts }]) => {
      const whole = lockedExporter(lock, name);
      const kept = Object.entries(whole.artifacts).filter(([key]) => key in artifacts);
      return [name, { ...whole, artifacts: Object.fromEntries(kept) }];
    }),
  );

const scriptOf = ({ content }: BuiltDocument): readonly string[] =>
  (content.mainSteps as readonly { readonly inputs: { readonly runCommand: readonly string[] } }[]).flatMap(
    ({ inputs }) => inputs.runCommand,
  );

const MAY_DIFFER = /^(?:VERSION='[0-9.]+'|SHA256_[A-Z0-9]+='[0-9a-f]{64}')$/;
const masked = (document: BuiltDocument) => ({
  ...document,
  hash: '',
  content: { ...document.content, mainSteps: [] },
  script: scriptOf(document).map((line) => (MAY_DIFFER.test(line) ? line.replace(/'.*'/, "'…'") : line)),
});

test('the documents that tests run on nodes, and those that ship, differ in versions and checksums only', async () => {
  const tested = await testedLock();
  const theirs = await buildDocuments(tested);
  const ours = await buildDocuments(ofThisMachine(await shippedLock(), tested));
  expect(theirs.map(({ exporter }) => exporter)).toEqual(['graphite', 'graphite', 'jmx', 'jmx', 'node', 'node']);
  expect(ours.map(masked)).toEqual(theirs.map(masked));
  // And they do differ: nothing here compares a document with itself.
  const differing = theirs.filter(({ hash }, at) => hash !== ours[at]?.hash);
  expect(differing.map(({ exporter, action }) => `${action} ${exporter}`)).toEqual([
    'install graphite',
    'install jmx',
    'uninstall jmx',
    'install node',
  ]);
});

test.each([
  ['shipped', shippedLock],
  ['tested', testedLock],
])('no document by the %s locks comes near the 65,536 bytes that SSM takes', async (_which, lockOf) => {
  const documents = await buildDocuments(await lockOf());
  expect(new Set(documents.map(({ exporter }) => exporter))).toEqual(new Set(Object.keys(shipped)));
  // How CloudFormation writes the content down is its own affair: 2.5 kB are left to it.
  const sizes = documents.map(({ exporter, action, content }) => ({
    of: `${exporter} ${action}`,
    bytes: Buffer.byteLength(JSON.stringify(content)),
  }));
  expect(sizes.filter(({ bytes }) => bytes >= 63_000)).toEqual([]);
});
