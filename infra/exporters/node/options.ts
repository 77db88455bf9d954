import * as z from 'zod/mini';
import type { CatalogueEntry } from '../../../shared/core/catalogue.ts';

const options = z.strictObject(
  {
    adopt: z
      .prefault(z.boolean({ error: 'true or false' }), false)
      .check(
        z.describe("true: somebody else's node_exporter on the port becomes the endpoint. false: it is a conflict."),
      ),
  },
  { error: 'a mapping of options' },
);

export const node: CatalogueEntry = {
  name: 'node',
  about: 'node_exporter: CPU, memory, disks and network of every node.',
  port: 9100,
  roles: ['MASTER', 'CORE', 'TASK'],
  options,
  parameters: ({ port, options: { adopt } }) => ({ Port: String(port), Adopt: String(adopt) }),
  explain: ({ adopt }) =>
    adopt === true
      ? "somebody else's node_exporter on the port is scraped instead of ours"
      : "somebody else's exporter on the port is left alone and reported as a conflict",
};
