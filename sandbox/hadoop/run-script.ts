import type { SandboxNode } from '../nodes/boot-node.ts';

/** What a script says on the node, as root; it must succeed. */
export async function runScript(node: SandboxNode, script: string): Promise<string> {
  // Not as an argument, for systemd would expand what looks like a variable to it.
  const { code, stdout, stderr } = await node.run(['bash', '-s'], { stdin: script });
  if (code !== 0) throw new Error(`${script}: exit code ${code}\n${stdout}${stderr}`);
  return stdout.trim();
}
