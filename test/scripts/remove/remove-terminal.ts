import { removeCommand } from '../../../scripts/remove/remove.ts';
import { cliWorld } from '../cli-world.ts';

/** The command in this process, in an account where stage dev is deployed. */
export async function removeTerminal(answer?: string) {
  const world = await cliWorld();
  const said: string[] = [];
  const asked: string[] = [];
  const ask = async (question: string): Promise<string> => {
    asked.push(question);
    return answer ?? '';
  };
  const write = (line: string) => void said.push(line);
  const terminal = { print: write, say: write, ...(answer !== undefined && { ask }) };
  const removeAs = (env: typeof world.env & Readonly<Record<string, string | undefined>>, ...args: readonly string[]) =>
    removeCommand(args.includes('--stage') ? args : ['--stage', 'dev', ...args], env, terminal);
  const remove = (...args: readonly string[]) => removeAs(world.env, ...args);
  return { ...world, said, asked, remove, removeAs };
}
