import { removeCommand } from '../../scripts/remove.ts';
import { cliWorld } from './cli-world.ts';

/** The command in this process, in an account where stage dev is deployed. */
export async function removeTerminal(answer?: string) {
  const world = await cliWorld();
  const said: string[] = [];
  const asked: string[] = [];
  const ask = async (question: string): Promise<string> => {
    asked.push(question);
    return answer ?? '';
  };
  const remove = (...args: readonly string[]) => {
    const write = (line: string) => void said.push(line);
    return removeCommand(args, world.env, { print: write, say: write, ...(answer !== undefined && { ask }) });
  };
  return { ...world, said, asked, remove };
}
