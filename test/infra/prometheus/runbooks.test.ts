import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { areas } from '../../../infra/exporters/graphite/paths/all.ts';
import { mappingOf } from '../../../infra/exporters/graphite/paths/render-mapping.ts';
import { graphiteExporter, isSample } from '../exporters/spark-paths/graphite-exporter-model.ts';
import { lineOf, readRecording } from '../exporters/spark-paths/recordings.ts';
import { alerts, unknownSeries } from './alert-rules.ts';

const FOLDER = 'docs/runbooks';
const runbooks = await Promise.all(
  (await readdir(FOLDER))
    .filter((file) => file.startsWith('Emr'))
    .map(async (file) => {
      const text = await readFile(`${FOLDER}/${file}`, 'utf8');
      const blocks = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
      return { file, text, blocks };
    }),
);
const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { readonly scripts: object };

test('every alert has a runbook, no runbook is nobody’s, and the list has each once', async () => {
  expect(runbooks.map(({ file }) => file).toSorted()).toEqual(alerts.map(({ alert }) => `${alert}.md`).toSorted());
  const list = (await readFile(`${FOLDER}/README.md`, 'utf8')).split('## Alerts of Prometheus')[1] ?? '';
  const listed = [...list.matchAll(/^\| \[(\w+)\]\(\1\.md\) \| (\w+) \|/gm)].map(([, name, severity]) => ({
    name,
    severity,
  }));
  const wanted = alerts.map(({ alert, labels }) => ({ name: alert, severity: labels?.['severity'] }));
  expect(listed.toSorted(byName)).toEqual(wanted.toSorted(byName));
});

const byName = (a: { readonly name?: string | undefined }, b: typeof a): number =>
  (a.name ?? '').localeCompare(b.name ?? '', 'en');

test.each(runbooks)('$file has meaning, impact, diagnosis with commands, and mitigation', ({ file, text, blocks }) => {
  const parts = text.split(/^(#{1,2} .*)\n/m).slice(1);
  const titles = parts.filter((_, index) => index % 2 === 0);
  const expected = [`# ${file.replace('.md', '')}`, '## Meaning', '## Impact', '## Diagnosis', '## Mitigation'];
  expect(titles).toEqual(expected);
  expect(parts.filter((part, index) => index % 2 === 1 && index > 1 && part.trim().length < 40)).toEqual([]);
  expect(parts[7]).toContain('```sh\n');
  const first = /^export (?:[A-Z_]+=\S+ )+ *# of |^export SERVICE=\S+ +# as /;
  expect(first.test(blocks[0] ?? '')).toBe(text.includes('$'));
  // Who copies them fills in nothing for nothing: AWS_REGION is the programs' own.
  const set = [...text.matchAll(/^export (.*?) *(?:#|$)/gm)].flatMap(
    ([, words = '']) => words.match(/[A-Z_]+(?==)/g) ?? [],
  );
  expect(set.filter((name) => name !== 'AWS_REGION' && !text.includes(`$${name}`))).toEqual([]);
});

const asking = runbooks
  .map(({ file, text }) => ({ file, text, queries: text.match(/^promtool query .*$/gm) ?? [] }))
  .filter(({ text, queries }) => text.includes('$CLUSTER') && queries.length > 0);

test.each(asking)('what $file asks Prometheus is of the one cluster', ({ queries }) => {
  expect(queries.filter((query) => !query.includes('cluster_id'))).toEqual([]);
});

test.each(runbooks)(
  'the commands of $file work as they stand: nothing to fill in but what the alert says',
  ({ blocks }) => {
    const commands = blocks.join('\n').replaceAll(/^export .*$/gm, '');
    expect(commands).not.toMatch(/…|\.\.\.|<\w+>/);
    const set = new Set([...blocks.join('\n').matchAll(/\b([A-Z_]+)=/g)].map(([, name]) => name));
    const used = [...new Set([...commands.matchAll(/\$\{?([A-Z_]+)/g)].map(([, name]) => name))];
    expect(used.filter((name) => !set.has(name))).toEqual([]);
    const { status, stderr } = spawnSync('bash', ['-n'], { input: blocks.join('\n'), encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  },
);

/** Alerts of ours and of CloudWatch alike. */
const all = await Promise.all(
  (await readdir(FOLDER)).map(async (file) => ({ file, text: await readFile(`${FOLDER}/${file}`, 'utf8') })),
);

test.each(all)(
  'the commands of $file say what went wrong, and leave stars to a shell that may read the folder',
  ({ text }) => {
    const blocks = [...text.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block = '']) => block);
    const spans = [...text.replaceAll(/^```[^]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span);
    const commands = [...blocks, ...spans].join('\n');
    expect(commands.match(/^.*(?:2|&)> ?\/dev\/null.*$/gm) ?? []).toEqual([]);
    const unquoted = commands.replaceAll(/'[^'\n]*'|"[^"\n]*"/g, '');
    expect(unquoted.match(/\bsudo\b[^|;&\n]*\*.*$/gm) ?? []).toEqual([]);
  },
);

test('runbooks name only scripts, runbooks and series that exist', async () => {
  const text = runbooks.map((one) => one.text).join('\n');
  const each = (pattern: RegExp): readonly string[] => [
    ...new Set([...text.matchAll(pattern)].map(([, found = '']) => found)),
  ];
  expect(each(/npm run ([\w:-]+)/g).filter((name) => !(name in scripts))).toEqual([]);
  expect(each(/\]\(([^)#]+)/g).filter((file) => !existsSync(join(FOLDER, file)))).toEqual([]);
  expect(await unknownSeries(each(/promtool query instant \S+ '(.*)'$/gm))).toEqual([]);
});

test('runbooks ask a driver only for what drivers send', async () => {
  const takeIn = graphiteExporter(mappingOf(areas, 'full'));
  const sent = (await Promise.all(['3.3', '3.5', '4.0'].map(readRecording))).flat();
  const samples = sent.map((one) => takeIn(lineOf(one))).filter(isSample);
  const ofDriver = new Set(samples.filter(({ labels }) => labels['executor_id'] === 'driver').map(({ name }) => name));
  const asked = runbooks.flatMap(({ text }) =>
    [...text.matchAll(/(\w+)\{[^}]*executor_id="driver"/g)].map(([, name]) => name),
  );
  expect(asked).not.toEqual([]);
  expect(asked.filter((name = '') => !ofDriver.has(name))).toEqual([]);
});
