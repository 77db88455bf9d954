import type { Compute } from '../../sandbox/account/compute.ts';
import type { S3 } from '../../sandbox/account/s3.ts';
import type { ExporterSettings, Settings } from '../../shared/core/settings.ts';
import type { Documents } from '../../shared/ports.ts';
import { DOCUMENT_PREFIX } from '../fakes/deployed-roles.ts';

/** What monitoring.yml and the pinned versions say at one time. */
export interface Wish {
  /** 1.0.`node` of node_exporter. */
  readonly node: number;
  readonly graphite: boolean;
  /** All clusters, or those tagged with the project. */
  readonly onlyEtl: boolean;
  /** Label mapping: another one changes every target. */
  readonly labels: 'service' | 'project';
  /** Share of the nodes on which installs of this version of node_exporter fail, always. */
  readonly broken: number;
}

/** One `sls deploy`. */
export interface Deployment {
  readonly number: number;
  readonly at: number;
  readonly wish: Wish;
  readonly settings: Settings;
  readonly documents: Documents;
}

export const BUCKET = 'prometheus-on-emr-sim';

const exporters = ({ node, graphite }: Wish): readonly ExporterSettings[] => [
  {
    name: 'graphite',
    version: '0.17.0',
    revision: 'graphite-1',
    roles: graphite ? ['MASTER', 'CORE'] : [],
    recheck: 24,
    parameters: { Port: '9108' },
    artifacts: { UrlAmd64: 'artifacts/graphite/amd64' },
  },
  {
    name: 'node',
    version: `1.0.${node}`,
    revision: `node-${node}`,
    roles: ['MASTER', 'CORE', 'TASK'],
    parameters: { Port: '9100' },
    artifacts: { UrlAmd64: `artifacts/node/${node}/amd64` },
  },
];

const document = (parameters: readonly string[]) => ({
  schemaVersion: '2.2',
  parameters: Object.fromEntries(parameters.map((name) => [name, { type: 'String' }])),
  mainSteps: [{ action: 'aws:runShellScript', name: 'run', inputs: { timeoutSeconds: '600', runCommand: ['true'] } }],
});

/** Puts documents and artifacts there, takes the last deployment's documents away, as CloudFormation would. */
export function deploy(
  number: number,
  wish: Wish,
  before: Deployment | undefined,
  { account, s3, at }: { readonly account: Compute; readonly s3: S3; readonly at: number },
): Deployment {
  const wanted = exporters(wish);
  const documents = Object.fromEntries(
    wanted.map(({ name, revision }) => [
      name,
      {
        install: `${DOCUMENT_PREFIX}${name}-install-${revision}`,
        remove: `${DOCUMENT_PREFIX}${name}-uninstall-${revision}`,
      },
    ]),
  );
  for (const { name, parameters, artifacts } of wanted) {
    const { install = '', remove = '' } = documents[name] ?? {};
    account.putDocument(install, document([...Object.keys(parameters), ...Object.keys(artifacts)]));
    account.putDocument(remove, document([]));
    for (const key of Object.values(artifacts)) s3.put(BUCKET, key, { body: key });
  }
  const now = new Set(Object.values(documents).flatMap((each) => Object.values(each)));
  const old = Object.values(before?.documents ?? {}).flatMap((each) => Object.values(each));
  for (const name of old) if (!now.has(name)) account.deleteDocument(name);
  const settings: Settings = {
    hash: JSON.stringify(wish),
    selection: { tags: wish.onlyEtl ? { Project: ['Etl'] } : {} },
    labels: wish.labels === 'service' ? { service: 'Service' } : { project: 'Project', team: 'Team' },
    exporters: wanted,
    policies: { dryRun: false, pauseInstalls: false, limitDeletes: { share: 1 } },
    rollout: { atOnce: 0.25, failures: 0.3 },
  };
  return { number, at, wish, settings, documents };
}
