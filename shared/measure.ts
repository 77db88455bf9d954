import type { ExporterState } from './core/record.ts';
import { stuckNodes } from './core/stuck.ts';
import type { Around } from './look-around.ts';
import type { App } from './ports.ts';

/** Gauges of the whole fleet. */
export function measureFleet({ records, unreadable, survey }: Around, { meter }: App): void {
  const states = [...records.values()].flatMap(({ nodes }) =>
    Object.values(nodes).flatMap(({ exporters }) =>
      Object.entries(exporters).map(([exporter, state]) => ({ exporter, phase: phaseOf(state) })),
    ),
  );
  for (const group of Map.groupBy(states, ({ exporter, phase }) => `${exporter} ${phase}`).values()) {
    const [dimensions] = group as [{ exporter: string; phase: string }];
    meter.gauge('Nodes', group.length, 'Count', dimensions);
  }
  const open = [...survey.rollouts].filter(([, { stage }]) => stage !== 'none');
  for (const [exporter, { stage, failed }] of open) {
    meter.gauge('RolloutStage', STAGES.indexOf(stage), 'Count', { exporter });
    meter.gauge('RolloutFailures', failed, 'Count', { exporter });
  }
  meter.gauge('RolloutsStopped', open.filter(([, { stage }]) => stage === 'stopped').length, 'Count');
  meter.gauge('RecordsUnreadable', unreadable.size, 'Count');
  for (const [metric, nodes] of Object.entries(stuckNodes(records.values(), survey.at))) {
    meter.gauge(metric, nodes, 'Count');
  }
  meter.gauge('Clusters', records.size, 'Count');
}

const phaseOf = ({ work, installed }: ExporterState): string =>
  work?.phase ?? (installed === undefined ? 'none' : 'installed');

/** 1 canary, 2 clusters, 3 rest, 4 stopped. */
const STAGES = ['none', 'canary', 'clusters', 'rest', 'stopped'] as const;

/** `waiting`: since when each look is wished for that did not fit into this minute. */
export function measureSweep(waiting: readonly Date[], app: App): void {
  const { meter, memory } = app;
  const failing = [...memory.looks].flatMap(([key, { failed }]) => (failed === true ? [key.split(' ')[1]] : []));
  meter.gauge('ClustersFailing', new Set(failing).size, 'Count');
  const oldest = Math.min(...waiting.map((since) => since.getTime()));
  meter.gauge('SweepBacklog', waiting.length, 'Count');
  meter.gauge('SweepLag', waiting.length === 0 ? 0 : (app.now().getTime() - oldest) / 1000, 'Seconds');
}
