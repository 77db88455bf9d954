import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Prepared } from '../../sandbox/demo/prepare.ts';
import { openStage, type Stage } from '../../sandbox/demo/stage.ts';
import { until } from '../../sandbox/until.ts';
import { cacheFolder } from '../../scripts/cache-folder.ts';
import { readRelease } from '../../scripts/exporters/releases.ts';
import { parseReport } from '../../shared/core/report.ts';

const LEFT_OUT = new Set(['node_modules', '.git', '.serverless', 'build']);
const VERSION = '1.0.0';
const FILE = `hello_exporter-${VERSION}.sh`;

let copy: string;
let opened: Stage | undefined;
const failures: unknown[] = [];

/** This repository with one folder more, and a line of configuration that switches it on. */
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'further-exporter-'));
  await cp('.', copy, { recursive: true, filter: (path) => !LEFT_OUT.has(relative('.', path)) });
  await symlink(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
  const folder = join(copy, 'infra/exporters/hello');
  await cp('test/e2e/hello', folder, { recursive: true });
  const program = await readFile('test/e2e/hello/hello_exporter.sh');
  const sha256 = createHash('sha256').update(program).digest('hex');
  const lock = {
    version: VERSION,
    module: 'github.com/a/hello_exporter',
    artifacts: { program: { file: FILE, sha256 } },
  };
  await writeFile(join(folder, 'exporter.lock'), JSON.stringify(lock));
  const monitoring = await readFile('monitoring.yml', 'utf8');
  const switchedOn = monitoring.replace('\nexporters:\n', '\nexporters:\n  hello: {options: {word: goodbye}}\n');
  await writeFile(join(copy, 'monitoring.yml'), switchedOn);
  await mkdir(join(copy, 'releases'));
  await writeFile(join(copy, 'releases', FILE), program);
});
afterAll(async () => {
  await opened?.close();
  await rm(copy, { recursive: true, force: true });
});

/** Runs a program of Node's in the copy. */
async function run(args: readonly string[], env = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: copy, env: { ...process.env, ...env } });
  return stdout;
}

/** What the copy packages, with that exporter alone. */
async function prepareCopy(): Promise<Prepared> {
  const cache = join(copy, '.cache');
  await mkdir(cache);
  for (const program of ['prometheus', 'alertmanager'] as const) {
    const { version } = (await readRelease(program)).locked;
    await symlink(join(cacheFolder(process.env), `${program}-${version}`), join(cache, `${program}-${version}`));
  }
  const program = `import { prepare } from './sandbox/demo/prepare.ts';
    console.log(JSON.stringify(await prepare(${JSON.stringify(cache)}, process.env, ['hello'])));`;
  const env = { PROMETHEUS_ON_EMR_CACHE: cache, PROMETHEUS_ON_EMR_ARTIFACTS: join(copy, 'releases') };
  return JSON.parse(await run(['--input-type=module', '--eval', program], env)) as Prepared;
}

async function open(prepared: Prepared): Promise<Stage> {
  const home = join(copy, 'home');
  await mkdir(home);
  opened = await openStage({
    prepared,
    home,
    nodes: { kind: 'systemd', agent: 'stand-in' },
    onLogLine: () => undefined,
    onBoot: () => undefined,
    onFailure: (error) => void failures.push(error),
  });
  return opened;
}

/** Every target, once there is one and all of them are up: a node whose agent was late waits for the sweep's next minute. */
const targetsOf = async ({ prometheus }: Stage) =>
  await until('every target is up', async () => {
    const all = await prometheus.targets();
    return all.length > 0 && all.every(({ health }) => health === 'up') ? all : undefined;
  });

async function packagedScript({ stack }: Prepared, id: string): Promise<string> {
  const template = JSON.parse(await readFile(join(stack, 'cloudformation-template-update-stack.json'), 'utf8')) as {
    readonly Resources: Readonly<Record<string, { readonly Properties: { readonly Content: DocumentContent } }>>;
  };
  return template.Resources[id]?.Properties.Content.mainSteps[0].inputs.runCommand.join('\n') ?? '';
}
interface DocumentContent {
  readonly mainSteps: readonly [{ readonly inputs: { readonly runCommand: readonly string[] } }];
}

describe.concurrent('a folder under infra/exporters, and a line in monitoring.yml,', () => {
  test('are enough: it is packaged, ordered, installed on a node, scraped and taken off again', async () => {
    const prepared = await prepareCopy();
    const stage = await open(prepared);
    const { account, prometheus, hosts } = stage;
    const group = { instanceType: 'm5.xlarge', market: 'ON_DEMAND', count: 1 } as const;
    const groups = (['MASTER', 'CORE'] as const).map((role) => ({ ...group, role }));
    account.compute.emr.launch({ name: 'one', releaseLabel: 'emr-7.1.0', tags: {}, groups });
    const targets = await targetsOf(stage);
    expect(targets.map(({ labels }) => [labels['job'], labels['cluster_role']])).toEqual([['hello', 'MASTER']]);
    // A target is up a moment before what it said can be asked for.
    const said = await until('what it said', async () => {
      const answer = await fetch(`${prometheus.url}/api/v1/query?query=hello_said`);
      const { data } = (await answer.json()) as { readonly data: { readonly result: readonly unknown[] } };
      return data.result.length > 0 && data.result;
    });
    expect(said).toMatchObject([{ metric: { job: 'hello', word: 'goodbye' } }]);

    const node = hosts.node(targets[0]?.labels['instance'] ?? '');
    await writeFile(join(node?.root ?? '', 'root/uninstall'), await packagedScript(prepared, 'DocumentHelloUninstall'));
    const removed = await node?.run(['env', '-i', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'bash', '/root/uninstall']);
    expect(parseReport(removed?.stdout ?? '')).toMatchObject({ exporter: 'hello', outcome: 'removed', changed: true });
    const traces = await node?.run(['sh', '-c', 'ls -d /opt/prometheus-on-emr /etc/systemd/system/prometheus-on-emr*']);
    expect(traces?.stdout).toBe('');
    expect(failures).toEqual([]);
  });

  test('are found by the tests of every exporter, which hold once npm run config -- --write has run', async () => {
    expect(await run(['scripts/config/config.ts', '--write'])).toContain(
      '  hello: on every MASTER node, port 9200, asked every 15s; it says goodbye',
    );
    const of = [
      'test/infra/exporters/documents.test.ts',
      'test/infra/configuration-page.test.ts',
      'test/core/monitoring.test.ts',
    ];
    const about = 'hello|monitoring\\.schema\\.json|configuration\\.md';
    const only = ['--project', 'fast', '--testNamePattern', about, '--reporter=json', '--outputFile=report.json'];
    // What failed is in the report.
    await run(['node_modules/vitest/vitest.mjs', 'run', ...only, ...of]).catch(() => undefined);
    const { testResults } = JSON.parse(await readFile(join(copy, 'report.json'), 'utf8')) as Report;
    const all = testResults.flatMap(({ message, assertionResults }) => [
      ...(assertionResults.length === 0 ? [{ status: 'failed', fullName: message }] : []),
      ...assertionResults,
    ]);
    expect(all.filter(({ status }) => status === 'failed')).toEqual([]);
    const passed = all.filter(({ status, fullName }) => status === 'passed' && fullName.includes('hello'));
    expect(passed.length).toBeGreaterThan(20);
  });
});

interface Report {
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}
