import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readExporters, type Exporter } from '../../infra/exporters/catalogue.ts';
import type { DocumentParameter } from '../../infra/exporters/document-parameter.ts';
import type { ExporterName } from '../../shared/core/model.ts';
import { urlParameter, type ExportersLock, type LockedExporter } from '../exporters/exporters-lock.ts';

/** SSM refuses a document over 64 KB (Service Quotas, "Document size"). */
const MAX_DOCUMENT_BYTES = 65_536;
/** How long a run may take, seconds: part of an order's lease (docs/adr/0003). */
const STEP_TIMEOUT = '600';
const CONTRACT = new URL('../../infra/exporters/contract.sh', import.meta.url);

export interface BuiltDocument {
  readonly exporter: ExporterName;
  readonly action: 'install' | 'uninstall';
  /** Content of an AWS::SSM::Document of type Command. */
  readonly content: DocumentContent;
  /** Hash of the content, 12 hexadecimal digits: ends the document's name. */
  readonly hash: string;
}

interface DocumentContent {
  readonly schemaVersion: '2.2';
  readonly description: string;
  readonly parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly mainSteps: readonly object[];
}

/** The SSM documents of every locked exporter, made from the scripts under infra/exporters and the lock. */
export async function buildDocuments(lock: ExportersLock): Promise<readonly BuiltDocument[]> {
  const all = (await readExporters()).map(async (exporter) => {
    const locked = lock[exporter.entry.name];
    return locked === undefined ? [] : await documentsOf(exporter, locked);
  });
  return (await Promise.all(all)).flat();
}

async function documentsOf(
  { entry: { name }, document, folder }: Exporter,
  { version, artifacts }: LockedExporter,
): Promise<readonly BuiltDocument[]> {
  const { parameters, constants, libraries = [], uninstallLibraries = [], uninstallConstants = [] } = document;
  const urls = Object.keys(parameters).filter((key) => key.startsWith('Url'));
  const served = new Map(Object.entries(artifacts).map(([key, { sha256 }]) => [urlParameter(key), sha256]));
  const taken = Object.fromEntries(
    Object.entries(parameters).filter(([key]) => served.has(key) || !urls.includes(key)),
  );
  const always = { EXPORTER: name, VERSION: version };
  const values = await Promise.all(
    Object.entries(constants).map(async ([key, of]): Promise<[string, string]> => [
      key,
      typeof of === 'string' ? await read(new URL(of, folder)) : await of(folder),
    ]),
  );
  const checksums = urls.map((key) => [`SHA256_${key.slice('Url'.length).toUpperCase()}`, served.get(key) ?? '']);
  const own = Object.fromEntries(values);
  const kept = Object.fromEntries(values.filter(([key]) => uninstallConstants.includes(key)));
  const all = async (names: readonly string[]) =>
    await Promise.all(names.map(async (file) => await read(new URL(file, folder))));
  const install = { ...always, ...Object.fromEntries(checksums), ...own };
  const files = { install: new URL('install.sh', folder), uninstall: new URL('uninstall.sh', folder) };
  return [
    toDocument(name, 'install', await assemble(files.install, install, taken, await all(libraries)), taken),
    toDocument(
      name,
      'uninstall',
      await assemble(files.uninstall, { ...always, ...kept }, {}, await all(uninstallLibraries)),
      {},
    ),
  ];
}

/** Changes with the document and with the parameters that are the same in every order: then nodes are installed anew. */
export const revisionOf = ({ hash }: BuiltDocument, parameters: Readonly<Record<string, string>>): string =>
  digest([hash, Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1))]);

type Parameters = Readonly<Record<string, DocumentParameter>>;

function toDocument(
  exporter: ExporterName,
  action: BuiltDocument['action'],
  script: string,
  parameters: Parameters,
): BuiltDocument {
  const content: DocumentContent = {
    schemaVersion: '2.2',
    description: `prometheus-on-emr: ${action} the exporter ${exporter}. The script's first lines say more.`,
    parameters: Object.fromEntries(
      Object.entries(parameters).map(([name, { description, allowedPattern }]) => [
        name,
        { type: 'String', description, allowedPattern, interpolationType: 'ENV_VAR' },
      ]),
    ),
    mainSteps: [
      {
        action: 'aws:runShellScript',
        name: action,
        precondition: { StringEquals: ['platformType', 'Linux'] },
        inputs: { timeoutSeconds: STEP_TIMEOUT, runCommand: script.split('\n') },
      },
    ],
  };
  const bytes = Buffer.byteLength(JSON.stringify(content));
  if (bytes > MAX_DOCUMENT_BYTES) throw new RangeError(`${exporter} ${action}: ${bytes} bytes, SSM takes 65,536`);
  return { exporter, action, content, hash: digest(content) };
}

/** The script with the constants, the contract and the parameters' checks in place of its line `#@prologue`. */
async function assemble(
  file: URL,
  constants: Readonly<Record<string, string>>,
  parameters: Parameters,
  libraries: readonly string[],
): Promise<string> {
  const [header, body] = (await read(file)).split('#@prologue\n');
  if (header === undefined || body === undefined) throw new Error(`${file.pathname} has no line #@prologue`);
  const prologue = [
    ...Object.keys(parameters).map(fallback),
    ...Object.entries(constants).map(([name, value]) => `${name}=${quote(value)}`),
    await read(CONTRACT),
    ...libraries,
    ...Object.entries(parameters).map(
      ([name, { allowedPattern, maxLength }]) => `valid ${name} "$SSM_${name}" ${quote(allowedPattern)} ${maxLength}`,
    ),
  ];
  return `${header}${prologue.join('\n')}\n${body}`;
}

/** AWS's line for agents before 3.3.2746.0 (Systems Manager user guide, "Troubleshooting parameter handling issues"). */
const fallback = (name: string): string => `if [ -z "\${SSM_${name}+x}" ]; then export SSM_${name}="{{ ${name} }}"; fi`;

const quote = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`;

const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);

const read = async (file: URL): Promise<string> => (await readFile(file, 'utf8')).trimEnd();
