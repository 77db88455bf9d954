import { parseReport } from '../backfill/backfill-answer.ts';
import { functionName, invoke } from '../deployed-stack.ts';
import { counted } from '../text-table.ts';
import { type Check, ok, red } from './check.ts';

/** The function itself, under its own role, reads everything that an order is decided by. */
const dryRun: Check = {
  id: 'dry-run',
  says: 'backfill, under its own role, says what would be done for the cluster',
  needs: ['lambda:InvokeFunction'],
  async run({ place, clusterId }) {
    const { clusters, problem, remaining } = parseReport(
      await invoke(place, 'backfill', { clusterIds: [clusterId], dryRun: true }),
    );
    const [cluster] = clusters;
    const log = `its log says more: aws logs tail /aws/lambda/${functionName(place, 'backfill')} --region ${place.region}`;
    if (problem !== undefined) return red(problem, log);
    if (cluster === undefined) return red(`nothing was said of ${remaining.join(', ')}`, 'try again in a minute');
    if ('error' in cluster) return red(cluster.error, log);
    const kinds = Map.groupBy(cluster.decisions, ({ kind, refused }) => (refused === undefined ? kind : 'refused'));
    const decided = [...kinds].map(([kind, all]) => `${all.length} ${kind}`).join(', ');
    return ok(`${counted(cluster.nodes, 'node')}: ${decided || 'nothing to do'}`);
  },
};

export const DRY_RUN_CHECKS: readonly Check[] = [dryRun];
