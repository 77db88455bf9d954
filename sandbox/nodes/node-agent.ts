import { build } from 'esbuild';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Bind, NodeFile } from './node-files.ts';

/** Our stand-in, or the folder that holds the real agent's programs (amazon-ssm-agent, ssm-document-worker, …). */
export type NodeAgent = 'stand-in' | (string & {});

export interface AgentOptions {
  readonly agent: NodeAgent;
  /** Where SSM and the message delivery service answer, by X-Amz-Target. */
  readonly endpoint: string;
  readonly region: string;
  /** Of the stand-in: what it says of itself. From 3.3.2746.0 on an agent knows `interpolationType: ENV_VAR`. */
  readonly version: string;
  /** Of the stand-in: how often it sends held replies again. */
  readonly resendSeconds: number;
}

export const AGENT_UNIT = 'amazon-ssm-agent.service';
const NODE = '/usr/lib/sandbox/node';
const STAND_IN = '/usr/lib/sandbox/agent.mjs';

export interface AgentFiles {
  readonly files: readonly NodeFile[];
  readonly binds: readonly Bind[];
}

/** What a node gets so that an agent runs on it; the service cannot tell which. */
export async function agentFiles(options: AgentOptions): Promise<AgentFiles> {
  const config: NodeFile = { path: '/etc/amazon/ssm/amazon-ssm-agent.json', body: JSON.stringify(configOf(options)) };
  if (options.agent === 'stand-in') {
    const files = [
      config,
      unit(`${NODE} ${STAND_IN} ${options.version} ${options.resendSeconds}`),
      { path: STAND_IN, body: await standIn() },
    ];
    return { files, binds: [{ source: process.execPath, target: NODE }] };
  }
  const folder = resolve(options.agent);
  const programs = await readdir(folder);
  if (!programs.includes('amazon-ssm-agent'))
    throw new Error(
      `agent: ${folder} holds no amazon-ssm-agent. Give the folder with the real agent's programs, or 'stand-in'`,
    );
  const binds = programs.map((name) => ({ source: join(folder, name), target: `/usr/bin/${name}` }));
  return { files: [config, unit('/usr/bin/amazon-ssm-agent')], binds };
}

/** The real agent's own configuration file. MGS is pointed at a closed port: the agent then works by MDS alone. */
const configOf = ({ endpoint, region }: AgentOptions) => ({
  Ssm: { Endpoint: endpoint },
  Mds: { Endpoint: endpoint, StopTimeoutMillis: 20_000 },
  // With a port but without a scheme, the real agent would dial the real AWS.
  Mgs: { Endpoint: `https://${new URL(endpoint).hostname}:9` },
  Agent: { Region: region, TelemetryMetricsToSSM: false },
  Identity: { ConsumptionOrder: ['EC2'] },
});

/** KillMode=process: what a command started outlives the agent. The stock unit's RestartSec is 90; nobody waits that long here. */
const unit = (command: string): NodeFile => ({
  path: `/etc/systemd/system/${AGENT_UNIT}`,
  body: `[Unit]
Description=amazon-ssm-agent
After=network-online.target

[Service]
WorkingDirectory=/usr/bin
ExecStart=${command}
KillMode=process
Restart=always
RestartSec=1

[Install]
WantedBy=multi-user.target
`,
});

let bundled: Promise<string> | undefined;

/** One file, for there is no node_modules on a node. */
const standIn = (): Promise<string> =>
  (bundled ??= build({
    entryPoints: [join(import.meta.dirname, 'agent/main.ts')],
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
  }).then(({ outputFiles }) => outputFiles[0]?.text ?? ''));
