import { format } from 'oxfmt';
import * as z from 'zod/mini';
import type { CatalogueEntry } from '../../shared/core/catalogue.ts';
import { monitoringSchema } from '../../shared/core/monitoring.ts';

/** monitoring.schema.json, for editors: made from the definition that validates monitoring.yml. */
export function monitoringJsonSchema(catalogue: readonly CatalogueEntry[]): object {
  return {
    title: 'monitoring.yml of prometheus-on-emr',
    ...z.toJSONSchema(monitoringSchema(catalogue), { io: 'input' }),
  };
}

export async function renderMonitoringSchema(catalogue: readonly CatalogueEntry[]): Promise<string> {
  const { code } = await format('monitoring.schema.json', JSON.stringify(monitoringJsonSchema(catalogue)), {
    printWidth: 120,
  });
  return code;
}
