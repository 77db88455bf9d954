/** How long `npm run package` takes once its caches are warm, and how large the template is that it leaves. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { report } from './figure.ts';

const MAX_SECONDS = 30;
const MAX_BYTES = 400_000;
const MAX_RESOURCES = 200;

function packaged(): number {
  const begun = performance.now();
  const { status } = spawnSync('npm', ['run', '--silent', 'package'], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`npm run package ended with ${status}`);
  return (performance.now() - begun) / 1000;
}

packaged();
const seconds = packaged();
const text = readFileSync('.serverless/cloudformation-template-update-stack.json', 'utf8');
const { Resources } = JSON.parse(text) as { readonly Resources: object };
const resources = Object.keys(Resources).length;
report([
  {
    figure: 'npm run package, warm',
    bar: `≤ ${MAX_SECONDS} s`,
    measured: `${seconds.toFixed(1)} s`,
    met: seconds <= MAX_SECONDS,
  },
  {
    figure: 'CloudFormation template',
    bar: '< 400 kB, < 200 resources',
    measured: `${(text.length / 1000).toFixed(0)} kB, ${resources} resources`,
    met: text.length < MAX_BYTES && resources < MAX_RESOURCES,
  },
]);
