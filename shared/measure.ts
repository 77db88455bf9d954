import type { Around } from './look-around.ts';
import type { App } from './ports.ts';

/** Gauges of the whole fleet; what has not happened is not reported, so that an idle account costs nothing. */
export function measureFleet({ records, unreadable, survey }: Around, { meter }: App): void {
  const nodes = new Map<string, number>();
  for (const { nodes: all } of records.values()) {
    for (const { exporters } of Object.values(all)) {
      for (const [exporter, { installed, work }] of Object.entries(exporters)) {
        const key = `${exporter} ${work?.phase ?? (installed === undefined ? 'none' : 'installed')}`;
        nodes.set(key, (nodes.get(key) ?? 0) + 1);
      }
    }
  }
  for (const [key, count] of nodes) {
    const [exporter = '', phase = ''] = key.split(' ');
    meter.gauge('Nodes', count, 'Count', { exporter, phase });
  }
  for (const [exporter, { stage, failed }] of survey.rollouts) {
    if (stage === 'none') continue;
    meter.gauge('RolloutStage', STAGES.indexOf(stage), 'Count', { exporter });
    meter.gauge('RolloutFailures', failed, 'Count', { exporter });
  }
  meter.gauge(
    'RolloutsStopped',
    [...survey.rollouts.values()].filter(({ stage }) => stage === 'stopped').length,
    'Count',
  );
  meter.gauge('RecordsUnreadable', unreadable.size, 'Count');
  meter.gauge('Clusters', records.size, 'Count');
}

/** 1 canary, 2 clusters, 3 rest, 4 stopped. */
const STAGES = ['none', 'canary', 'clusters', 'rest', 'stopped'] as const;

/** `waiting`: since when each look is wished for that did not fit into this minute. */
export function measureSweep(waiting: readonly Date[], app: App): void {
  const { meter } = app;
  const oldest = Math.min(...waiting.map((since) => since.getTime()));
  meter.gauge('SweepBacklog', waiting.length, 'Count');
  meter.gauge('SweepLag', waiting.length === 0 ? 0 : (app.now().getTime() - oldest) / 1000, 'Seconds');
}
