import type { Reconfigured } from './event.ts';
import type { ClusterRecord, Installed, NodeRecord } from './record.ts';
import type { ExporterSettings } from './settings.ts';

/** The event that tells of the end may be lost, and a large group takes long: EMR restarts a tenth of it at a time. */
const AT_THE_LATEST = 2 * 3_600_000;

/**
 * A reconfiguration takes out of a node's files what EMR did not write (emr-configure-apps-running-cluster): exporters
 * that are asked again anyway are asked once it is over.
 *
 *   the group or fleet   this exporter was last heard of   → asked
 *   is under way         before the event                  → after two hours
 *   is at rest           before the event, and it waits    → now
 *   is at rest           before the event                  → as it was
 *   anything             after the event                   → as it was
 */
export function askAgain(
  node: NodeRecord,
  roles: ClusterRecord['roles'],
  told: readonly Reconfigured[],
  settings: readonly ExporterSettings[],
): NodeRecord {
  const news = told.filter(({ collectionId }) => roles[collectionId] === node.role);
  if (news.length === 0) return node;
  const asked = settings.flatMap(({ name, recheck }) => {
    const { installed, ...state } = node.exporters[name] ?? {};
    if (installed === undefined || recheck === undefined) return [];
    return [[name, { ...state, installed: news.toSorted(byTime).reduce(waitFor, installed) }] as const];
  });
  return { ...node, exporters: { ...node.exporters, ...Object.fromEntries(asked) } };
}

const byTime = (a: Reconfigured, b: Reconfigured): number => Date.parse(a.at) - Date.parse(b.at);

function waitFor(installed: Installed, { state, at }: Reconfigured): Installed {
  const time = Date.parse(at);
  if (time <= Date.parse(installed.at) || (state === 'at rest' && installed.askBy === undefined)) return installed;
  const by = new Date(state === 'at rest' ? time : time + AT_THE_LATEST).toISOString();
  return { ...installed, askBy: installed.askBy !== undefined && installed.askBy < by ? installed.askBy : by };
}
