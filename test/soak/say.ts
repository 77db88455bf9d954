/** Figures go straight to the terminal, whatever the reporter does with a console. */
export const say = (line: string): void => void process.stderr.write(`  ${line}\n`);
