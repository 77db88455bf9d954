import type { ExporterName, Role } from './model.ts';

/** What monitoring.yml and the exporters' catalogue say together; built once by the packager, bundled into each function. */
export interface Settings {
  /** Hash of everything below; each record says under which it was made. */
  readonly hash: string;
  readonly selection: Selection;
  /** Target label ← cluster tag. */
  readonly labels: Readonly<Record<string, string>>;
  /** Every exporter of the catalogue that can be installed; one that is switched off is wanted on no role. */
  readonly exporters: readonly ExporterSettings[];
  readonly policies: Policies;
  readonly rollout: RolloutSettings;
}

/** What may not be done, whatever was decided. */
export interface Policies {
  /** Nothing is ordered and nothing forgotten. */
  readonly dryRun: boolean;
  /** Nothing is installed or upgraded; what has to go still goes. */
  readonly pauseInstalls: boolean;
  readonly limitDeletes: Limit;
}

/** How many nodes of one running cluster may be forgotten at once: a number, or less than a share (0 to 1) of them. */
export type Limit = { readonly nodes: number } | { readonly share: number };

/** Shares (0 to 1) of the fleet. */
export interface RolloutSettings {
  /** Of the nodes that have the exporter, how many may be under way to another version at once; one always may. */
  readonly atOnce: number;
  /** Of the nodes that have tried it, how many may have failed before it stops. */
  readonly failures: number;
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
  /** Hours after which a node that has it is told to install it again, to say anew what answers there. */
  readonly recheck?: number;
  /** Document parameters that do not change from order to order (`Port`, `Mode` …). */
  readonly parameters: Readonly<Record<string, string>>;
  /** Artifact file by document parameter (`UrlAmd64` → `artifacts/node/1.12.1/node_exporter-…`). */
  readonly artifacts: Readonly<Record<string, string>>;
}
