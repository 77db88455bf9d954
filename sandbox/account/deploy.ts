import type { Account } from './account.ts';
import type { Site } from './cloudformation.ts';
import { parameterValues } from './template-parameters.ts';
import { readTemplate } from './template.ts';

interface DeployOptions extends Site {
  readonly account: Account;
  readonly parameters?: Readonly<Record<string, string>>;
  readonly stack?: string;
}

export interface Stack {
  readonly outputs: Readonly<Record<string, string>>;
  /** ARN of each function, by its logical id. */
  readonly functions: Readonly<Record<string, string>>;
}

/** Creates, or changes into, what a packaged template describes, at once; what it cannot simulate, it refuses by name. */
export function deployTemplate(source: unknown, { account, ...options }: DeployOptions): Stack {
  const { endpoint, runner, stack: name = 'prometheus-on-emr', parameters = {} } = options;
  const template = readTemplate(source);
  const values = parameterValues(template, parameters);
  const whole = { template, body: JSON.stringify(source), parameters: values, tags: {} };
  const stack = account.stacks.apply(name, whole, { endpoint, runner });
  const functions = [...stack.resources.values()].filter(({ type }) => type === 'AWS::Lambda::Function');
  return {
    outputs: Object.fromEntries(stack.outputs.map(({ key, value }) => [key, value])),
    functions: Object.fromEntries(
      functions.map(({ logicalId, name: called }) => [
        logicalId,
        `arn:aws:lambda:${account.region}:${account.accountId}:function:${called}`,
      ]),
    ),
  };
}
