import type { Refusal, Verdict } from './core/policy.ts';
import type { ClusterRecord } from './core/record.ts';
import type { App } from './ports.ts';

/** One line for each refusal that the record did not know yet, once it is saved. */
export function logRefused(
  { refused }: Verdict,
  before: ClusterRecord | undefined,
  { clusterId }: ClusterRecord,
  { log, meter }: App,
): void {
  const fresh = refused.filter((refusal) => heldBefore(refusal, before) !== refusal.reason);
  for (const { action, policy, reason } of fresh) {
    const { kind, reason: why, ...fields } = action;
    meter.count('ActionsRefused', 1, { policy }, { clusterId, ...('node' in action && { node: action.node }) });
    log.warn('refused by policy', { clusterId, action: kind, ...fields, reason: why, policy, because: reason });
  }
}

function heldBefore({ action }: Refusal, record: ClusterRecord | undefined): string | undefined {
  if (!('node' in action)) return record?.held;
  const node = record?.nodes[action.node];
  return 'exporter' in action ? node?.exporters[action.exporter]?.held : node?.held;
}
