import type { StackParameter } from './stack-parameters.ts';

const HEAD = '| parameter | default | meaning |\n|---|---|---|\n';

/** docs/deploy.md with its table of parameters as the template describes them. */
export function renewParameterTable(page: string, parameters: readonly StackParameter[]): string {
  const begin = page.indexOf(HEAD);
  if (begin < 0) throw new RangeError('docs/deploy.md has no table of parameters');
  const rows = begin + HEAD.length;
  const end = page.indexOf('\n\n', rows) + 1;
  return page.slice(0, rows) + parameters.map(toRow).join('') + page.slice(end);
}

const toRow = ({ name, fallback, description, values }: StackParameter): string => {
  const among = values === undefined ? '' : ` (${values.map((value) => `\`${value}\``).join(', ')})`;
  return `| \`${name}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${description}${among} |\n`;
};
