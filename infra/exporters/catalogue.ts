import type { CatalogueEntry } from '../../shared/core/catalogue.ts';
import { jmx } from './jmx/options.ts';
import { node } from './node/options.ts';

/** Every exporter there is: one folder each. */
export const catalogue: readonly CatalogueEntry[] = [jmx, node];
