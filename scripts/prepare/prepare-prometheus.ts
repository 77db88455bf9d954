import { join } from 'node:path';
import { type Env, exists, type HostProgram, prepareHostProgram } from './prepare-host-program.ts';

export interface Prometheus {
  readonly prometheus: string;
  readonly promtool: string;
  /** Flags that this build needs: Debian's has its pages beside it, not inside. */
  readonly flags: readonly string[];
}

/** promtool knows its type, tags or not, and would bring Kubernetes's whole client. */
const NO_KUBERNETES = `package kubernetes

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/config"
	"github.com/prometheus/prometheus/discovery"
)

type SDConfig struct{ HTTPClientConfig config.HTTPClientConfig }

func (*SDConfig) Name() string { return "kubernetes" }

func (*SDConfig) NewDiscoverer(discovery.DiscovererOptions) (discovery.Discoverer, error) {
	return nil, errors.New("left out of this build")
}

func (*SDConfig) NewDiscovererMetrics(prometheus.Registerer, discovery.RefreshMetricsInstantiator) discovery.DiscovererMetrics {
	return nil
}
`;

const PROMETHEUS: HostProgram = {
  name: 'prometheus',
  programs: ['prometheus', 'promtool'],
  // 3.15.0 is v0.315.0.
  moduleVersion: (version) =>
    version.replace(/^(\d+)\.(\d+)\./, (_, major, minor) => `v0.${major}${String(minor).padStart(2, '0')}.`),
  // Of the service discoveries it needs that of files, which always is there; the others' libraries take minutes.
  tags: ['remove_all_sd'],
  folders: { 'discovery/kubernetes': { 'kubernetes.go': NO_KUBERNETES } },
  debian: {
    package: 'prometheus',
    files: { 'bin/prometheus': 'prometheus', 'bin/promtool': 'promtool', 'share/prometheus/web': 'web' },
  },
};

/** A Prometheus to run. One that is built here has no pages, for these need another kind of build. */
export async function preparePrometheus(cache: string, env: Env = process.env): Promise<Prometheus> {
  const folder = await prepareHostProgram(PROMETHEUS, cache, env);
  const pages = join(folder, 'web');
  return {
    prometheus: join(folder, 'prometheus'),
    promtool: join(folder, 'promtool'),
    flags: (await exists(pages)) ? [`--web.local-assets=${pages}/`] : [],
  };
}
