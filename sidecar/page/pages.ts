import { isClusterId } from '../../shared/core/event.ts';
import { renderCluster, renderNotFound } from './cluster-page.ts';
import { renderOverview } from './overview.ts';
import type { View } from './view.ts';

export interface Page {
  readonly status: 200 | 404;
  readonly body: string;
}

/** `/` and `/clusters/<id>`; any other path is not found. */
export function pageOf(path: string, view: View): Page {
  if (path === '/') return { status: 200, body: renderOverview(view) };
  const id = path.startsWith(CLUSTERS) ? path.slice(CLUSTERS.length) : undefined;
  const body = isClusterId(id) ? renderCluster(id, view) : undefined;
  return body === undefined ? { status: 404, body: renderNotFound() } : { status: 200, body };
}

const CLUSTERS = '/clusters/';
