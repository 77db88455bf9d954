import { appendFile, readFile } from 'node:fs/promises';

/** Everything the world keeps, on a tmpfs that dies with it. */
export const WORLD_FOLDER = '/run/sandbox';
/** One file per running node, named by its address: how the metadata service knows who is asking. */
export const REGISTRY_FOLDER = `${WORLD_FOLDER}/nodes`;
export const WORLD_ADDRESS = '10.42.0.1';
export const METADATA_ADDRESS = '169.254.169.254';
/** Exit code of "systemd nodes cannot run on this machine". */
export const CANNOT_RUN = 77;

const ENV_NODE_BASE = 'SANDBOX_NODE_BASE';

/** What the metadata service says about a node. */
export interface NodeIdentity {
  readonly instanceId: string;
  readonly hostname: string;
  readonly address: string;
  readonly region: string;
  readonly availabilityZone: string;
  readonly accountId: string;
  readonly instanceType: string;
}

/** Are we inside the throw-away world that enter.ts makes? */
export const insideWorld = (env: NodeJS.ProcessEnv): boolean => env[ENV_NODE_BASE] !== undefined;

/** The world's host and all its nodes, running or to come, share this file: a name added here is known everywhere at once. */
export async function addHostNames(names: readonly string[], address: string = WORLD_ADDRESS): Promise<void> {
  const known = new Set((await readFile('/etc/hosts', 'utf8')).split(/\s+/));
  const fresh = names.filter((name) => !known.has(name));
  // Appended, never replaced: the nodes have this very file mounted.
  if (fresh.length > 0) await appendFile('/etc/hosts', `${address} ${fresh.join(' ')}\n`);
}
