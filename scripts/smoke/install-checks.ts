import { s3Records } from '../../shared/aws/s3-records.ts';
import { s3Targets } from '../../shared/aws/s3-targets.ts';
import { parseTargets } from '../../shared/core/parse-targets.ts';
import type { ClusterRecord } from '../../shared/core/record.ts';
import { targetGroups } from '../../shared/core/targets.ts';
import { parseReport } from '../backfill/backfill-answer.ts';
import { functionName, invoke } from '../deployed-stack.ts';
import { type ClusterStatus, type ExporterStatus, viewStatus } from '../status/status-view.ts';
import { counted } from '../text-table.ts';
import { type Check, ok, problem, red, skipped, verdict } from './check.ts';
import type { Smoke } from './examined.ts';

/** With `--install`: the way of a launch, step by step. Each waits for what the one before set off. */

/** A launch of a warm account takes seconds; a node that EMR still provisions may put off for minutes. */
const PATIENCE_MS = 20 * 60_000;
const POLL_MS = 3000;
/** Nobody waits for them: another run, or a person, is needed. */
const STUCK = new Set(['gaveUp', 'conflict', 'unsupported', 'pendingRestart']);

const rung: Check = {
  id: 'install-rung',
  says: 'backfill rings the doorbell of the cluster',
  needs: ['lambda:InvokeFunction'],
  async run({ place, clusterId }) {
    const report = parseReport(await invoke(place, 'backfill', { clusterIds: [clusterId] }));
    if (report.rung.includes(clusterId)) return ok('queued');
    const [cluster] = report.clusters;
    if (cluster !== undefined && 'idle' in cluster && cluster.idle) return ok('nothing to do: all of it is installed');
    const why = report.problem ?? (cluster !== undefined && 'error' in cluster ? cluster.error : 'it was not queued');
    return red(why, `aws logs tail /aws/lambda/${functionName(place, 'backfill')} --region ${place.region}`);
  },
};

const ordered: Check = {
  id: 'install-ordered',
  says: 'every node of the wanted roles has its orders',
  needs: ['s3:GetObject', 's3:ListBucket'],
  run: (smoke) =>
    follow(
      smoke,
      'ordered',
      ({ exporter: { phase, next } }) => phase !== 'none' && !(phase === 'waiting' && next !== undefined),
    ),
};

const installed: Check = {
  id: 'install-done',
  says: 'every node of the wanted roles has its exporters',
  needs: ['s3:GetObject', 's3:ListBucket'],
  run: (smoke) =>
    follow(smoke, 'installed', ({ exporter: { phase, next } }) => phase === 'installed' && next === undefined),
};

interface Piece {
  readonly node: string;
  readonly exporter: ExporterStatus;
}

/** Looks at the record until all pieces are done, or one of them is stuck, or patience ends. */
async function follow(smoke: Smoke, done: string, isDone: (piece: Piece) => boolean) {
  const deadline = smoke.now().getTime() + PATIENCE_MS;
  for (let said = ''; ;) {
    const cluster = await look(smoke);
    const pieces = piecesOf(cluster);
    const missing = await unseenNodes(smoke, cluster);
    const open = pieces.filter((piece) => !isDone(piece));
    const stuck = open.filter(({ exporter: { phase } }) => STUCK.has(phase));
    if (cluster !== undefined && missing.length === 0 && open.length === 0) {
      return pieces.length === 0
        ? skipped('no exporter is wanted on this cluster')
        : ok(`${pieces.length} of ${pieces.length} ${done}`);
    }
    if (stuck.length > 0 || smoke.now().getTime() > deadline)
      return verdict('', problemsOf(smoke, stuck.length > 0 ? stuck : open, missing));
    const line = `${pieces.length - open.length} of ${pieces.length} ${done}${open.map(inWords).join('')}`;
    if (line !== said) smoke.say((said = line));
    await smoke.sleep(POLL_MS);
  }
}

const inWords = ({ node, exporter: { exporter, phase, reason = '' } }: Piece): string =>
  `; ${exporter} on ${node}: ${phase} ${reason}`.trimEnd();

async function look({ clients, stack, clusterId, settings, now }: Smoke): Promise<ClusterStatus | undefined> {
  const stored = await s3Records(clients.s3, stack.bucket).read(clusterId);
  if (stored === undefined) return undefined;
  return viewStatus(new Map([[clusterId, stored.value]]), clusterId, settings, now()).clusters[0];
}

const piecesOf = (cluster: ClusterStatus | undefined): readonly Piece[] =>
  (cluster?.nodes ?? []).flatMap(({ node, exporters }) => exporters.map((exporter) => ({ node, exporter })));

async function unseenNodes({ nodes }: Smoke, cluster: ClusterStatus | undefined): Promise<readonly string[]> {
  const known = new Set<string>(cluster?.nodes.map(({ node }) => node));
  return (await nodes()).flatMap(({ id }) => (known.has(id) ? [] : [id]));
}

function problemsOf(
  { clusterId, place: { stage, region } }: Smoke,
  pieces: readonly Piece[],
  missing: readonly string[],
) {
  const where = `--stage ${stage} --region ${region}`;
  return [
    ...pieces.map(({ node, exporter: { exporter, phase, reason = 'no result yet', next } }) =>
      problem(`${exporter} on ${node} is ${phase}: ${reason}`, next ?? `npm run status -- ${where} ${clusterId}`),
    ),
    ...(missing.length === 0
      ? []
      : [
          problem(
            `the record does not know ${missing.join(', ')}`,
            `the log of on-event says why: aws logs tail /aws/lambda/prometheus-on-emr-${stage}-on-event --region ${region}`,
          ),
        ]),
  ];
}

const targets: Check = {
  id: 'install-targets',
  says: 'the target file has every endpoint that answered',
  needs: ['s3:GetObject', 's3:ListBucket'],
  async run(smoke) {
    const { clients, stack, clusterId } = smoke;
    const record = (await s3Records(clients.s3, stack.bucket).read(clusterId))?.value;
    if (record === undefined) return red(`there is no record of ${clusterId}`, 'see install-ordered');
    const wanted = endpointsOf(record);
    const deadline = smoke.now().getTime() + PATIENCE_MS / 10;
    for (;;) {
      const file = await s3Targets(clients.s3, stack.bucket).read(clusterId);
      const published = new Set(parseTargets(file?.value.body ?? '[]').flatMap((group) => group.targets));
      const missing = wanted.filter((target) => !published.has(target));
      if (missing.length === 0) return ok(`targets/${clusterId}.json: ${counted(wanted.length, 'target')}`);
      if (smoke.now().getTime() > deadline)
        return red(
          `targets/${clusterId}.json lacks ${missing.join(', ')}`,
          'the sweep repairs it within a minute; its log says what keeps it from it',
        );
      await smoke.sleep(POLL_MS);
    }
  },
};

const endpointsOf = (record: ClusterRecord): readonly string[] =>
  targetGroups(record).flatMap((group) => group.targets);

export const INSTALL_CHECKS: readonly Check[] = [rung, ordered, installed, targets];
