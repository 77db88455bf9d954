import type { Bind, NodeFile } from './node-files.ts';
/** `stand-in`, or a folder with the real agent's programs. */
export type NodeAgent = string;
export async function agentFiles(
  _agent: NodeAgent | undefined,
  _region: string,
): Promise<{ files: readonly NodeFile[]; binds: readonly Bind[] }> {
  return { files: [], binds: [] };
}
