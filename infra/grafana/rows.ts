import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Unplaced } from './panel.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly Unplaced[];
  /** Panels of closed rows ask nothing until somebody opens them. */
  readonly collapsed?: boolean;
}

const GRID_WIDTH = 24;

interface Place {
  readonly placed: readonly Panel[];
  readonly bottom: number;
}

/** Left to right, a new line where the next one has no room; a line is as high as its highest panel. */
function place(panels: readonly Unplaced[], top: number, firstId: number): Place {
  let [x, y, lineHeight] = [0, top, 0];
  const placed = panels.map((panel, index) => {
    const { w = GRID_WIDTH, h = 8 } = panel.gridPos ?? {};
    if (x + w > GRID_WIDTH) [x, y, lineHeight] = [0, y + lineHeight, 0];
    const gridPos = { x, y, w, h };
    x += w;
    lineHeight = Math.max(lineHeight, h);
    return { ...panel, id: firstId + index, gridPos };
  });
  return { placed, bottom: y + lineHeight };
}

/** Rows one below the other; a closed row keeps its panels inside. */
export function arrange(rows: readonly Row[]): readonly (Panel | RowPanel)[] {
  const arranged: (Panel | RowPanel)[] = [];
  let [y, id] = [0, 1];
  for (const { title, panels, collapsed = false } of rows) {
    const { placed, bottom } = place(panels, y + 1, id + 1);
    const row = { type: 'row' as const, id, title, collapsed, gridPos: { x: 0, y, w: GRID_WIDTH, h: 1 } };
    arranged.push(...(collapsed ? [{ ...row, panels: [...placed] }] : [{ ...row, panels: [] }, ...placed]));
    y = collapsed ? y + 1 : bottom;
    id += panels.length + 1;
  }
  return arranged;
}
