import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { documentResources } from '../../../scripts/package/build-resources.ts';
import type { BuiltDocument } from '../../../scripts/package/build-documents.ts';

const osls = createRequire(import.meta.url).resolve('osls/bin/serverless.js');
const lines = [
  '${lower:-x} "${self:service}"',
  '\\${lower:-x} \\\\${lower:-x}',
  '${UPPER:-x} ${UPPER}',
  '{{ Port }} $HOME',
];

const document: BuiltDocument = {
  exporter: 'some',
  action: 'install',
  hash: '0123456789ab',
  content: { schemaVersion: '2.2', description: '', parameters: {}, mainSteps: [{ inputs: { runCommand: lines } }] },
};

test('a script reaches the template letter by letter, whatever osls would read as a variable of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'build-resources-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'documents.json'), JSON.stringify(documentResources([document])));
  writeFileSync(
    join(folder, 'serverless.yml'),
    'service: sample\nprovider: { name: aws }\ncustom: { documentPrefix: sample-dev_ }\nresources: ${file(documents.json)}\n',
  );
  execFileSync(process.execPath, [osls, 'package'], { cwd: folder, stdio: 'ignore' });
  const text = readFileSync(join(folder, '.serverless/cloudformation-template-update-stack.json'), 'utf8');
  expect(JSON.parse(text)).toMatchObject({
    Resources: {
      DocumentSomeInstall: { Properties: { Name: 'sample-dev_some-install-0123456789ab', Content: document.content } },
    },
  });
});
