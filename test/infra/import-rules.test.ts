import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';

/** What each place may import, and what not: every folder's row of CONTRIBUTING's table. */
const PLACES = [
  ['shared/core/plan.ts', ['./record.ts'], ['../aws/aws-error.ts', '../ports.ts', '../../infra/x.ts', 'node:fs']],
  ['shared/aws/s3-records.ts', ['../core/record.ts', '../ports.ts', '@aws-sdk/client-s3'], ['../save.ts']],
  ['shared/aws/aws-error.ts', ['./s3-objects.ts'], ['../runtime/config.ts', '../../sandbox/account/s3.ts']],
  ['shared/runtime/config.ts', ['../core/errors.ts', '../ports.ts'], ['../aws/aws-error.ts', '../app.ts']],
  ['shared/reconcile.ts', ['./core/plan.ts', './ports.ts'], ['./aws/s3-records.ts', './runtime/config.ts']],
  ['shared/save.ts', ['./publish.ts'], ['@aws-sdk/client-s3', '../functions/sweep.ts', '../sandbox/demo.ts']],
  ['shared/app.ts', ['./aws/s3-records.ts', '@aws-sdk/client-s3'], ['../sandbox/account/s3.ts']],
  ['functions/sweep.ts', ['../shared/app.ts', '../shared/runtime/lambda.ts'], ['../shared/aws/s3-records.ts']],
  ['sidecar/sync.ts', ['../shared/core/errors.ts', '../shared/ports.ts'], ['../shared/save.ts', '@aws-sdk/client-s3']],
  ['sidecar/app.ts', ['@aws-sdk/client-s3', '../shared/aws/s3-reader.ts'], ['../shared/runtime/config.ts']],
  ['sandbox/account/s3.ts', ['../../shared/core/model.ts', '../../shared/ports.ts'], ['../../shared/aws/x.ts']],
  ['sandbox/demo.ts', ['../scripts/setup.ts'], ['../functions/sweep.ts', '../sidecar/sync.ts', '@aws-sdk/client-s3']],
  [
    'scripts/package/bundle.ts',
    ['../shared/core/errors.ts', '../infra/x.ts'],
    ['../shared/app.ts', '../functions/sweep.ts'],
  ],
] as const;

test('lint refuses every import that a folder may not have, and no other', async () => {
  const root = await mkdtemp(join(tmpdir(), 'import-rules-'));
  onTestFinished(() => rm(root, { recursive: true }));
  await cp('.oxlintrc.json', join(root, '.oxlintrc.json'));
  for (const [file, allowed, forbidden] of PLACES) {
    await mkdir(join(root, dirname(file)), { recursive: true });
    await writeFile(join(root, file), [...allowed, ...forbidden].map((from) => `import '${from}';\n`).join(''));
  }
  const only = ['--allow=all', '--deny=no-restricted-imports', '--format=json'];
  const { stdout } = await promisify(execFile)(resolve('node_modules/.bin/oxlint'), only, { cwd: root }).catch(
    (error: { readonly stdout: string }) => error,
  );
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
  const refused = diagnostics.map(({ filename, message }) => `${filename}: ${/'(.+?)'/.exec(message)?.[1]}`);
  const expected = PLACES.flatMap(([file, , forbidden]) => forbidden.map((from) => `${file}: ${from}`));
  expect(refused.toSorted()).toEqual(expected.toSorted());
});

interface Diagnostic {
  readonly filename: string;
  readonly message: string;
}
