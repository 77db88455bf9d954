import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { portRanges } from '../../scripts/package/build-network.ts';
import { readCatalogue } from '../../infra/exporters/catalogue.ts';
import { lockFile, settingsAndDocuments } from '../../scripts/package/package-stack.ts';

const { monitoring } = await settingsAndDocuments(lockFile(process.env));
const catalogue = new Map((await readCatalogue()).map((entry) => [entry.name, entry]));
const page = await readFile('docs/network.md', 'utf8');

/** `port | exporter and what of it` of every exporter that monitoring.yml switches on. */
const ports = Object.entries(monitoring.exporters).flatMap(([exporter, section]) =>
  section.enabled
    ? Object.entries(section.ports).map(([name, port]) => [port, exporter, name === exporter ? '' : name] as const)
    : [],
);
const inRanges = portRanges(monitoring).flatMap(({ from, to }) =>
  Array.from({ length: to - from + 1 }, (_, n) => from + n),
);

test('exactly the ports of monitoring.yml are opened', () => {
  expect(inRanges).toEqual(ports.map(([port]) => port).toSorted((a, b) => a - b));
});

describe.each(ports)('port %i of %s %s', (port, exporter, name) => {
  test('is in docs/network.md, with what it is', () => {
    const what = name === '' ? `\`${exporter}\`` : `\`${exporter}\`, ${name}`;
    expect(page).toContain(`| ${port} | ${what} |`);
  });

  test('is what the install document is told', () => {
    const section = monitoring.exporters[exporter];
    const sent = section && catalogue.get(exporter)?.parameters(section);
    const told = name === '' ? [sent?.['Port']] : sent?.['Ports']?.split(',');
    expect(told).toContain(name === '' ? String(port) : `${name}=${port}`);
  });
});

test('docs/network.md lists no other port', () => {
  const listed = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, port]) => Number(port));
  expect(listed.toSorted((a, b) => a - b)).toEqual(inRanges);
});

test("docs/network.md's line to paste opens exactly these ranges", () => {
  const shown = [...page.matchAll(/FromPort=(\d+),ToPort=(\d+),UserIdGroupPairs=\[\{GroupId=sg-PROMETHEUS/g)].map(
    ([, from, to]) => ({
      from: Number(from),
      to: Number(to),
    }),
  );
  expect(shown).toEqual(portRanges(monitoring));
});
