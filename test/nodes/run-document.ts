import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bootNode, type SandboxNode } from '../../sandbox/nodes/boot-node.ts';
import { buildDocuments } from '../../scripts/package/build-documents.ts';
import type { ExportersLock } from '../../scripts/exporters/exporters-lock.ts';
import { parseReport, type Report } from '../../shared/core/report.ts';

export interface RanDocument {
  readonly code: number;
  readonly report: Report | undefined;
  readonly stderr: string;
}

export interface DocumentRun {
  readonly lock: ExportersLock;
  /** `node` unless given. */
  readonly exporter?: string;
  readonly action?: 'install' | 'uninstall';
  readonly parameters?: Readonly<Record<string, string>>;
  /** `text`: as an agent older than 3.3.2746.0, which pastes values and sets no variable. */
  readonly agent?: 'env' | 'text';
  /** Besides what the agent sets. */
  readonly env?: Readonly<Record<string, string>>;
  readonly path?: string;
  /** Killed on purpose: it says nothing. */
  readonly isKilled?: boolean;
}

/** Links to what Amazon Linux 2 and 2023 both bring, as far as the documents use it; no python, jq, perl or AWS CLI. */
export const TOOLS = '/usr/local/amazon-linux';
const AMAZON_LINUX = `bash sh curl tar gzip grep find flock setpriv systemctl journalctl useradd userdel
  awk base64 cat chmod chown cp cut df env head id install ln ls mkdir mkfifo mktemp mv nice readlink rm rmdir sha256sum sleep sort stat
  tail timeout touch tr uname`.split(/\s+/);

/** As on a cluster that has run for hours: orders on a young node wait for daemons, and ask to be repeated. */
export const HOURS = 7200;

export async function bootDocumentNode(number: number, trust: string): Promise<SandboxNode> {
  const instanceId = `i-${String(number).padStart(17, '0')}`;
  const node = await bootNode({ instanceId, address: `10.42.0.${number}`, trust, upFor: HOURS });
  await linkTools(node);
  return node;
}

export async function linkTools(node: SandboxNode): Promise<void> {
  await ask(node, `mkdir ${TOOLS} && found=$(type -P ${AMAZON_LINUX.join(' ')}) && ln -s $found ${TOOLS}/`);
}

let runs = 0;

/** Runs a document as the SSM agent does: `sh -c FILE`, root, no HOME, cwd /usr/bin, stdin /dev/null. */
export async function runDocument(node: SandboxNode, options: DocumentRun): Promise<RanDocument> {
  const file = `/root/document-${(runs += 1)}`;
  const { script, environment } = await delivered(options);
  const variables = Object.entries(environment).map((pair) => quote(pair.join('=')));
  await writeFile(join(node.root, file), script, { mode: 0o700 });
  const launch = `cd /usr/bin && umask 022 && exec env -i ${variables.join(' ')} sh -c ${file} </dev/null`;
  await writeFile(join(node.root, `${file}.launch`), launch);
  const { code, stdout, stderr } = await node.run(['sh', `${file}.launch`]);
  const isOneLine = /^PROMETHEUS_ON_EMR \{.*\}\n$/.test(stdout) && stdout.length < 2_000 && stderr.length <= 400;
  if (!isOneLine && options.isKilled !== true) throw new Error(`the run broke its contract: ${stdout}\n${stderr}`);
  return { code, report: parseReport(stdout), stderr };
}

/** By lock: a file of tests gives an order many times. */
const built = new Map<string, ReturnType<typeof buildDocuments>>();

/** What the agent makes of a command: the script, with values pasted by an old agent, and its environment. */
async function delivered({
  lock,
  exporter = 'node',
  action = 'install',
  parameters = {},
  agent,
  env,
  path = TOOLS,
}: DocumentRun) {
  const key = JSON.stringify(lock);
  const documents = await (built.get(key) ?? built.set(key, buildDocuments(lock)).get(key));
  const document = documents?.find((one) => one.action === action && one.exporter === exporter);
  const [step] = (document?.content.mainSteps ?? []) as readonly {
    readonly inputs: { readonly runCommand: readonly string[] };
  }[];
  const script = step?.inputs.runCommand.join('\n') ?? '';
  const paste = (whole: string, name: string) => parameters[name] ?? whole;
  if (agent === 'text')
    return { script: script.replaceAll(/\{\{ (\w+) \}\}/g, paste), environment: { ...env, PATH: path } };
  const variables = Object.fromEntries(Object.entries(parameters).map(([name, value]) => [`SSM_${name}`, value]));
  return { script, environment: { ...variables, ...env, PATH: path } };
}

const quote = (value: string): string => `'${value.replaceAll("'", String.raw`'\''`)}'`;

/** What a shell line on the node says; it must succeed. */
export async function ask(node: SandboxNode, line: string): Promise<string> {
  const { code, stdout, stderr } = await node.run(['bash', '-c', line]);
  if (code !== 0) throw new Error(`${line}: exit code ${code}\n${stderr}`);
  return stdout.trim();
}

export const metricsOf = async ({ address }: SandboxNode, port = 9100): Promise<string> =>
  await (await fetch(`http://${address}:${port}/metrics`)).text();

/** Everything of ours that could be left on a node. */
export const tracesOf = async (node: SandboxNode): Promise<string> =>
  await ask(
    node,
    `ls -d /opt/prometheus-on-emr /run/prometheus-on-emr* /run/tmp.* /etc/systemd/system/prometheus-on-emr* \
      /etc/systemd/system/*.wants/prometheus-on-emr* 2>/dev/null; grep prometheus-on-emr /etc/passwd /etc/group; \
      systemctl list-units --all --plain --no-legend 'prometheus-on-emr*'; grep -hE ':238C .* 0A ' /proc/net/tcp /proc/net/tcp6; :`,
  );
