import type { DocumentParameter } from './document-parameter.ts';

/** What an exporter's folder gives to its install and uninstall documents, beside install.sh and uninstall.sh. */
export interface ExporterDocument {
  /** Of the install document. One for the URL of an artifact (`UrlAmd64` for `amd64`) is left out where the lock has none. */
  readonly parameters: Readonly<Record<string, DocumentParameter>>;
  /** Constants of the scripts: file names of the folder, or what makes the value of them. */
  readonly constants: Readonly<Record<string, string | ((folder: URL) => string | Promise<string>)>>;
  /** Those that the uninstall script takes, too. */
  readonly uninstallConstants?: readonly string[];
  /** Files, by the folder, with functions for the install script, behind the contract. */
  readonly libraries?: readonly string[];
  /** The same for the uninstall script. */
  readonly uninstallLibraries?: readonly string[];
}
