import type * as z from 'zod/mini';
import type { ExporterName, Role } from './model.ts';

/** What one exporter's folder (infra/exporters/<name>/options.ts) adds to the configuration. */
export interface CatalogueEntry {
  readonly name: ExporterName;
  /** One sentence for people and editors. */
  readonly about: string;
  /** The port that Prometheus scrapes; or the ports, each by the name of what is scraped there. */
  readonly ports: number | Ports;
  readonly roles: readonly Role[];
  /** Labels that its endpoints have of their own: no tag can be mapped to them. */
  readonly labels?: readonly string[];
  /** A strict object in which every option has a default and a description. */
  readonly options: z.ZodMiniType<ExporterOptions>;
  /** The fixed parameters of its install document, validated there once more. */
  readonly parameters: (section: ExporterSection) => Readonly<Record<string, string>>;
  /** Artifacts of the lock of which it takes one: without any of them it cannot be installed. */
  readonly needs: (options: ExporterOptions) => readonly string[];
  /** After how many hours a node that has it is looked at again; never, unless said. */
  readonly recheck?: (options: ExporterOptions) => number;
  /** Samples of the fullest page that is still believed: Prometheus drops a target with more. 10,000, unless said. */
  readonly maxSamples?: number;
  /** What the options mean, in words, for `npm run config`. */
  readonly explain: (options: ExporterOptions) => string;
}

export type Ports = Readonly<Record<string, number>>;
type ExporterOptions = Readonly<Record<string, unknown>>;

/** One entry below `exporters:` in monitoring.yml. */
export interface ExporterSection {
  readonly enabled: boolean;
  readonly roles: readonly Role[];
  /** By name; an exporter with one port has it by its own name. */
  readonly ports: Ports;
  /** As Prometheus writes it. */
  readonly scrapeInterval: string;
  readonly options: ExporterOptions;
}
