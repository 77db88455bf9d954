import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { RE2JS } from 're2js';
import { describe, expect, test } from 'vitest';
import { readExporters } from '../../../infra/exporters/catalogue.ts';
import { buildDocuments, revisionOf, type BuiltDocument } from '../../../scripts/package/build-documents.ts';
import { lockedExporter, parseExportersLock, readExportersLock } from '../../../scripts/exporters/exporters-lock.ts';
import { HOSTILE, presignedUrl } from './hostile-values.ts';
import { sentValues } from './sent-values.ts';

const lock = await readExportersLock();
const node = lockedExporter(lock, 'node');
const documents = await buildDocuments(lock);
const documentTo = (action: string): BuiltDocument => {
  const found = documents.find((document) => document.exporter === 'node' && document.action === action);
  if (found === undefined) throw new RangeError(`no document to ${action} node`);
  return found;
};
const [install, uninstall] = [documentTo('install'), documentTo('uninstall')];
const scriptOf = ({ content }: BuiltDocument): string =>
  (content.mainSteps as readonly { readonly inputs: { readonly runCommand: readonly string[] } }[])
    .flatMap(({ inputs }) => inputs.runCommand)
    .join('\n');

describe.each(documents.map((document) => [document.exporter, document.action, document] as const))(
  'the document of %s to %s',
  (_exporter, _action, document) => {
    const { content } = document;
    const script = scriptOf(document);

    test('is a Command document of schema 2.2 with one shell step for Linux, 600 s at most', () => {
      expect(content).toMatchObject({
        schemaVersion: '2.2',
        mainSteps: [
          {
            action: 'aws:runShellScript',
            precondition: { StringEquals: ['platformType', 'Linux'] },
            inputs: { timeoutSeconds: '600' },
          },
        ],
      });
    });

    test('is smaller than SSM takes, 65,536 bytes, with room for a repair', () => {
      expect(Buffer.byteLength(JSON.stringify(content))).toBeLessThan(63_000);
    });

    test('is bash that parses', () => {
      expect(script.startsWith('#!/bin/bash\n')).toBe(true);
      execFileSync('bash', ['-n'], { input: script });
    });

    test('says what it does, its inputs and its outputs before anything else', () => {
      const header = script.slice(0, script.search(/^[^#]/m));
      expect(header).toMatch(/Inputs:/);
      expect(header).toMatch(/Output:/);
    });

    test('holds nothing that osls takes for one of its variables', () => {
      const parse: (text: string) => unknown = createRequire(import.meta.url)(
        'osls/lib/configuration/variables/parse.js',
      );
      expect(parse('\u0024{lower:-x}')).not.toBeNull();
      expect(parse(script)).toBeNull();
    });

    test('pastes each declared parameter once, in the line for old agents, and nothing else', () => {
      const pasted = [...script.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, name]) => name);
      expect(pasted).toEqual(Object.keys(content.parameters));
      for (const name of pasted)
        expect(script).toContain(`if [ -z "\${SSM_${name}+x}" ]; then export SSM_${name}="{{ ${name} }}"; fi`);
    });

    test('calls no package manager and nothing that Amazon Linux lacks', () => {
      expect(script).not.toMatch(/^[^#]*\b(?:yum|dnf|apt|apt-get|rpm|python3?|jq|aws|perl|wget)\s/m);
    });

    test('writes no here-document, for /tmp may be full, and no double dollar, for the agent halves it', () => {
      expect(script).not.toMatch(/<<|\$\$/);
    });
  },
);

test('version and checksums are constants of the install document', () => {
  const script = scriptOf(install);
  expect(script).toContain(`VERSION='${node.version}'`);
  expect(script).toContain(`SHA256_AMD64='${node.artifacts['amd64']?.sha256}'`);
  expect(script).toContain(`SHA256_ARM64='${node.artifacts['arm64']?.sha256}'`);
});

test('the install document takes exactly the URLs, the port and adopt; the uninstall document takes nothing', () => {
  expect(Object.keys(install.content.parameters)).toEqual(['UrlAmd64', 'UrlArm64', 'Port', 'Adopt']);
  expect(uninstall.content.parameters).toEqual({});
});

test('an architecture that is not locked has no parameter', async () => {
  const { arm64: _, ...artifacts } = node.artifacts;
  const [document] = await buildDocuments({ node: { ...node, artifacts } });
  expect(Object.keys(document?.content.parameters ?? {})).toEqual(['UrlAmd64', 'Port', 'Adopt']);
});

test('the same lock gives the same bytes, another checksum another hash', async () => {
  expect(JSON.stringify(await buildDocuments(lock))).toBe(JSON.stringify(documents));
  const other = { ...node.artifacts, amd64: { file: 'x', sha256: '0'.repeat(64) } };
  const [document] = await buildDocuments({ node: { ...node, artifacts: other } });
  expect(document?.hash).not.toBe(install.hash);
  expect(install.hash).toMatch(/^[0-9a-f]{12}$/);
});

test('the revision changes with a parameter and with the document, not with the order of parameters', () => {
  const revision = revisionOf(install, { Port: '9100', Adopt: 'false' });
  expect(revisionOf(install, { Adopt: 'false', Port: '9100' })).toBe(revision);
  expect(revisionOf(install, { Port: '9101', Adopt: 'false' })).not.toBe(revision);
  expect(revisionOf(uninstall, { Port: '9100', Adopt: 'false' })).not.toBe(revision);
});

test('a lock with a broken checksum is refused, naming the field', () => {
  const text = JSON.stringify(lock).replace(node.artifacts['amd64']?.sha256 ?? '', 'abc');
  expect(() => parseExportersLock(text, 'x.lock')).toThrow(/x\.lock.*\n.*node\.artifacts\.amd64\.sha256/);
});

const URL_VALUE = presignedUrl('https://bucket.s3.us-east-1.amazonaws.com/artifacts/node/1.12.1/node_exporter.tar.gz');
const parameters = (await readExporters()).flatMap(({ entry, document }) => {
  const sent = sentValues(entry);
  return Object.entries(document.parameters).map(([name, parameter]) => {
    const values = sent.flatMap(([key, value]) => (key === name ? [value] : []));
    return [`${entry.name} ${name}`, parameter, name.startsWith('Url') ? [URL_VALUE] : values] as const;
  });
});

/** SSM checks patterns with Java, the agent with RE2 without anchoring, the script with bash. Answers what gets through. */
const readers: readonly (readonly [string, (pattern: string, values: readonly string[]) => readonly string[]])[] = [
  [
    'RE2, unanchored',
    (pattern, values) => {
      const compiled = RE2JS.compile(pattern);
      return values.filter((value) => compiled.matcher(value).find());
    },
  ],
  ['JavaScript', (pattern, values) => values.filter((value) => new RegExp(pattern).test(value))],
  ['bash', readByBash],
];

function readByBash(pattern: string, values: readonly string[]): readonly string[] {
  const script = 'LC_ALL=C; for VALUE; do [[ $VALUE =~ $0 ]] && echo yes || echo no; done';
  const answers = execFileSync('bash', ['-c', script, pattern, ...values], { encoding: 'utf8' })
    .trim()
    .split('\n');
  return values.filter((_, index) => answers[index] === 'yes');
}

describe.each(readers)('as %s reads them', (_reader, through) => {
  test.each(parameters)('the pattern of %s lets nothing hostile through', (_name, parameter) => {
    expect(through(parameter.allowedPattern, Object.values(HOSTILE))).toEqual([]);
  });

  test.each(parameters)('the pattern of %s takes real values, and its length is enough', (_name, parameter, values) => {
    expect(values).not.toEqual([]);
    expect(through(parameter.allowedPattern, values)).toEqual(values);
    expect(values.filter(({ length }) => length > parameter.maxLength)).toEqual([]);
  });
});

test('a presigned URL is as long as those with a session token', () => {
  expect(URL_VALUE.length).toBeGreaterThan(1_100);
});

test('patterns are anchored and made of what RE2, Java and POSIX read alike', () => {
  for (const { content } of documents)
    for (const { allowedPattern, type, interpolationType } of Object.values(content.parameters)) {
      expect(allowedPattern).toMatch(/^\^(?:[A-Za-z:/=,()|]|\[[\w.~:/?&=%-]+\]|[*+]|\{\d,\d\})+\$$/);
      expect({ type, interpolationType }).toEqual({ type: 'String', interpolationType: 'ENV_VAR' });
    }
});
