import type { ExporterName, Role } from './model.ts';

/** What monitoring.yml and the exporters' catalogue say together; built once by the packager, bundled into each function. */
export interface Settings {
  /** Hash of everything below; each record says under which it was made. */
  readonly hash: string;
  readonly selection: Selection;
  /** Target label ← cluster tag. */
  readonly labels: Readonly<Record<string, string>>;
  readonly exporters: readonly ExporterSettings[];
}

/** A cluster is watched when each named tag has one of the values; no tags at all: every cluster. */
export interface Selection {
  readonly tags: Readonly<Record<string, readonly string[]>>;
}

export interface ExporterSettings {
  readonly name: ExporterName;
  readonly version: string;
  /** Hash of document and parameters: a changed script or port rolls out like a new version. */
  readonly revision: string;
  readonly roles: readonly Role[];
  /** Document parameters that do not change from order to order (`Port`, `Adopt` …). */
  readonly parameters: Readonly<Record<string, string>>;
  /** Artifact file by document parameter (`UrlAmd64` → `artifacts/node/1.12.1/node_exporter-…`). */
  readonly artifacts: Readonly<Record<string, string>>;
}
