import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { DocumentParameter } from '../infra/exporters/document-parameter.ts';
import { installParameters } from '../infra/exporters/node/document.ts';
import type { ExporterName } from '../shared/core/model.ts';
import type { ExportersLock, LockedExporter } from './exporters-lock.ts';

/** SSM refuses a document over 64 KB (Service Quotas, "Document size"). */
const MAX_DOCUMENT_BYTES = 65_536;
/** How long a run may take, seconds: part of an order's lease (docs/adr/0003). */
const STEP_TIMEOUT = '600';
const EXPORTERS = new URL('../infra/exporters/', import.meta.url);

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

/** The SSM documents of every exporter, made from the scripts under infra/exporters and the lock. */
export async function buildDocuments({ node }: ExportersLock): Promise<readonly BuiltDocument[]> {
  const constants = {
    EXPORTER: 'node',
    VERSION: node.version,
    SHA256_AMD64: node.artifacts.amd64?.sha256 ?? '',
    SHA256_ARM64: node.artifacts.arm64?.sha256 ?? '',
    SERVICE: await read('node/prometheus-on-emr-node.service'),
    HARDENING: await read('node/hardening.conf'),
  };
  const { EXPORTER, VERSION } = constants;
  const parameters = Object.fromEntries(
    Object.entries(installParameters).filter(([name]) => !absentUrls(node).includes(name)),
  );
  return [
    toDocument('node', 'install', await assemble('node/install.sh', constants, parameters), parameters),
    toDocument('node', 'uninstall', await assemble('node/uninstall.sh', { EXPORTER, VERSION }, {}), {}),
  ];
}

/** Changes with the document and with the parameters that are the same in every order: then nodes are installed anew. */
export const revisionOf = ({ hash }: BuiltDocument, parameters: Readonly<Record<string, string>>): string =>
  digest([hash, Object.entries(parameters).toSorted(([a], [b]) => (a < b ? -1 : 1))]);

const absentUrls = ({ artifacts }: LockedExporter): readonly string[] => [
  ...(artifacts.amd64 === undefined ? ['UrlAmd64'] : []),
  ...(artifacts.arm64 === undefined ? ['UrlArm64'] : []),
];

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
  file: string,
  constants: Readonly<Record<string, string>>,
  parameters: Parameters,
): Promise<string> {
  const [header, body] = (await read(file)).split('#@prologue\n');
  if (header === undefined || body === undefined) throw new Error(`${file} has no line #@prologue`);
  const prologue = [
    ...Object.keys(parameters).map(fallback),
    ...Object.entries(constants).map(([name, value]) => `${name}=${quote(value)}`),
    await read('contract.sh'),
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

const read = async (file: string): Promise<string> => (await readFile(new URL(file, EXPORTERS), 'utf8')).trimEnd();
