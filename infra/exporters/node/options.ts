import type { CatalogueEntry } from '../../../shared/core/catalogue.ts';
import { options, toggle } from '../option.ts';

export const entry: CatalogueEntry = {
  name: 'node',
  about: 'node_exporter: CPU, memory, disks and network of every node.',
  ports: 9100,
  roles: ['MASTER', 'CORE', 'TASK'],
  options: options({
    adopt: toggle(
      false,
      "true: somebody else's node_exporter on the port becomes the endpoint. false: it is left alone and reported as a conflict.",
    ),
  }),
  parameters: ({ ports, options: { adopt } }) => ({ Port: String(ports['node']), Adopt: String(adopt) }),
  needs: () => ['amd64', 'arm64'],
  explain: ({ adopt }) =>
    adopt === true
      ? "somebody else's node_exporter on the port is scraped instead of ours"
      : "somebody else's exporter on the port is left alone and reported as a conflict",
};
