import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { marked, refuseOslsAlone } from '../../../scripts/package/osls-alone.ts';

const root = join(import.meta.dirname, '../../..');
const osls = createRequire(import.meta.url).resolve('osls/bin/serverless.js');

test.each<[string, RegExp]>([
  ['deploy', /^osls deploy alone .*: npm run deploy -- --stage … --region …$/],
  ['deploy function', /: npm run deploy --/],
  ['remove', /: npm run remove --/],
])('osls %s is refused unless a command of ours runs it', (command, words) => {
  const run = (env: Parameters<typeof refuseOslsAlone>[1]) => () => refuseOslsAlone(command.split(' '), env);
  expect(run({})).toThrow(words);
  expect(run(marked({}))).not.toThrow();
});

test.each(['package', 'deploy list', 'print'])('osls %s may be run by itself', (command) => {
  expect(() => refuseOslsAlone(command.split(' '), {})).not.toThrow();
});

test('a bare osls deploy ends before it asks AWS, with the command that deploys', async () => {
  // A service of nothing, as npm run package leaves the files; nobody could be asked, were it let through.
  const service = await mkdtemp(join(tmpdir(), 'osls-alone-'));
  onTestFinished(() => rm(service, { recursive: true }));
  await cp(join(root, 'serverless.yml'), join(service, 'serverless.yml')); // osls takes no link for it
  await symlink(join(root, 'infra'), join(service, 'infra'));
  await mkdir(join(service, 'build'));
  await writeFile(join(service, 'build/documents.json'), '{"Resources":{}}');
  const args = [osls, 'deploy', '--package', 'build/none', '--stage', 'prod'];
  const env = { HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', PATH: process.env['PATH'] ?? '' };
  const said = await new Promise<string>((done) => {
    execFile(process.execPath, args, { cwd: service, env }, (error, stdout, stderr) =>
      done(`${String(error?.code)} ${stdout}${stderr}`),
    );
  });
  expect(said).toMatch(/^1 /);
  expect(said).toContain('npm run deploy -- --stage');
});
