import type * as z from 'zod/mini';
import type { ExporterName, Role } from './model.ts';

/** What one exporter's folder (infra/exporters/<name>/options.ts) adds to the configuration. */
export interface CatalogueEntry {
  readonly name: ExporterName;
  /** One sentence for people and editors. */
  readonly about: string;
  readonly port: number;
  readonly roles: readonly Role[];
  /** A strict object in which every option has a default and a description. */
  readonly options: z.ZodMiniType<ExporterOptions>;
  /** The fixed parameters of its install document, validated there once more. */
  readonly parameters: (section: ExporterSection) => Readonly<Record<string, string>>;
  /** What the options mean, in words, for `npm run config`. */
  readonly explain: (options: ExporterOptions) => string;
}

type ExporterOptions = Readonly<Record<string, unknown>>;

/** One entry below `exporters:` in monitoring.yml. */
export interface ExporterSection {
  readonly enabled: boolean;
  readonly roles: readonly Role[];
  readonly port: number;
  readonly options: ExporterOptions;
}
