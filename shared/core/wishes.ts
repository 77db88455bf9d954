import type { ClusterId, InstanceId } from './model.ts';
import { remember } from './observe.ts';
import { type Reason, reasonsToAct, reasonsToAskEmr, URGENCIES, type Urgency } from './reasons.ts';
import type { ClusterRecord } from './record.ts';
import type { Settings } from './settings.ts';
import { livingNodes, type Survey } from './survey.ts';

/** A look that a sweep would take: through EMR, or at what EC2, SSM and S3 say without it. */
export interface Wish {
  readonly id: ClusterId;
  readonly depth: 'emr' | 'ec2';
  readonly urgency: Urgency;
  /** Says what is wished for and why: the same wish again waits longer each time. */
  readonly signature: string;
}

export const byUrgency = (a: Wish, b: Wish): number => URGENCIES.indexOf(a.urgency) - URGENCIES.indexOf(b.urgency);

/**
 * Which clusters differ from their record, or hold unfinished work:
 *
 *   seen                                                        → wish
 *   no record; EC2 shows a living node, EMR lists it as starting → none: there is nothing to do yet
 *   no record; EC2 shows a living node                          → emr, new
 *   STARTING, BOOTSTRAPPING; EMR lists it so no more            → emr, new
 *   TERMINATING; EMR lists it so no more                        → emr, ending
 *   running; EMR lists it TERMINATING                           → emr, ending
 *   no living node                                              → emr, ending
 *   watched and running; a living node that the record lacks    → emr, new
 *   running; a node that did not run when EMR was asked         → emr, unfinished
 *   a node that EC2 has forgotten                               → emr, unfinished
 *   its tags are not what EMR said, or were never kept          → emr, stale
 *   an order, a result or a node's end is due                   → ec2, unfinished (a node's end: ending)
 *   a node is to be asked again what answers there              → ec2, stale
 *   EC2 tells a node's zone, which it did not know before       → ec2, unfinished
 *   the target file is not the one that was written             → ec2, unfinished
 *   another monitoring.yml                                      → ec2, stale
 *   anything else                                               → none
 */
export function wishes(
  records: ReadonlyMap<ClusterId, ClusterRecord>,
  unreadable: ReadonlySet<ClusterId>,
  survey: Survey,
  settings: Settings,
): readonly Wish[] {
  const living = livingNodes(survey);
  const ids = new Set([...records.keys(), ...living.keys()]);
  return [...ids].toSorted().flatMap((id) => {
    if (unreadable.has(id)) return [];
    const record = records.get(id);
    const nodes = living.get(id) ?? new Set<InstanceId>();
    if (record === undefined) return toWish(id, 'emr', survey.states?.has(id) === true ? [] : [MEET]);
    const known = remember(record, atEc2(survey), settings);
    return [
      ...toWish(id, 'emr', reasonsToAskEmr(known, record, nodes, survey, settings)),
      ...toWish(id, 'ec2', reasonsToAct(known, record, survey, settings)),
    ];
  });
}

const atEc2 = ({ at, instances }: Survey) => ({
  at,
  instances,
  cluster: undefined,
  nodes: undefined,
  putOff: 0,
  roles: new Map(),
  leaving: new Set<InstanceId>(),
  reconfigured: [],
});

function toWish(id: ClusterId, depth: Wish['depth'], reasons: readonly Reason[]): readonly Wish[] {
  if (reasons.length === 0) return [];
  const [{ urgency }] = reasons.toSorted((a, b) => URGENCIES.indexOf(a.urgency) - URGENCIES.indexOf(b.urgency)) as [
    Reason,
  ];
  return [{ id, depth, urgency, signature: reasons.map(({ why }) => why).join('; ') }];
}

const MEET: Reason = { urgency: 'new', why: 'new' };
