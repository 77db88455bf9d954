import { isHeldByLimit } from './policy.ts';
import { AGENT_OFFLINE, ARTIFACTS_MISSING, isInFlight } from './decide.ts';
import type { ClusterRecord, Work } from './record.ts';
import { failureDelay, isOver } from './retry.ts';

/** What is waited for is stuck after that long; agents register within a minute or two of their node's start. */
const PATIENCE = 10 * 60_000;
/** 1, 2, 4, 8 and 16 minutes (retry.ts). */
export const MANY_DEFERRALS = 5;

/**
 * How many nodes want a person, by the metric that says so. Each has its alarm (infra/resources/alarms/fleet.yml).
 *
 *   in the record                                                  → counts as
 *   work given up                                                  → NodesGivenUp
 *   work that waits for the SSM agent, for over 10 minutes         → NodesUnreachable
 *   work that failed and waits for the agent, due for 10 minutes   → NodesUnreachable
 *   work that waits for artifacts, for over 10 minutes             → NodesWithoutArtifacts
 *   work put off 5 times in a row, half an hour, for another reason → NodesPutOff
 *   gone, and kept by limitDeletes                                 → DeletionsRefused
 */
export function stuckNodes(records: Iterable<ClusterRecord>, now: Date) {
  const nodes = [...records].flatMap((record) => Object.values(record.nodes));
  const some = (test: (work: Work) => boolean): number =>
    nodes.filter(({ exporters }) => Object.values(exporters).some(({ work }) => work !== undefined && test(work)))
      .length;
  return {
    NodesGivenUp: some(({ phase }) => phase === 'gaveUp'),
    NodesUnreachable: some((work) => work.reason === AGENT_OFFLINE && isOverdue(work, now)),
    NodesWithoutArtifacts: some((work) => work.reason === ARTIFACTS_MISSING && isOverdue(work, now)),
    NodesPutOff: some(isPutOff),
    DeletionsRefused: nodes.filter(({ held }) => isHeldByLimit(held)).length,
  };
}

/** Denied, or "try again later" for ever; while it is under way once more, too. */
const isPutOff = ({ phase, deferrals, reason }: Work): boolean =>
  deferrals >= MANY_DEFERRALS &&
  (phase === 'waiting' || isInFlight({ phase })) &&
  reason !== AGENT_OFFLINE &&
  reason !== ARTIFACTS_MISSING;

function isOverdue({ phase, at, attempt }: Work, now: Date): boolean {
  if (phase === 'failed') return isOver(at, failureDelay(attempt) + PATIENCE, now);
  return phase === 'waiting' && isOver(at, PATIENCE, now);
}
