import type { Parameter, Template } from './template.ts';
import { WireFault } from './wire.ts';

type Values = Readonly<Record<string, string>>;

const invalid = (message: string): WireFault => new WireFault('ValidationError', message);

/**
 * The value of every parameter: the given one, else the template's default. Throws what CloudFormation answers before
 * it creates anything: docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
export function parameterValues({ Parameters = {} }: Template, given: Values): Values {
  const unknown = Object.keys(given).filter((name) => !(name in Parameters));
  if (unknown.length > 0) throw invalid(`Parameters: [${unknown.join(', ')}] do not exist in the template`);
  const missing = Object.entries(Parameters).flatMap(([name, { Default }]) =>
    given[name] === undefined && Default === undefined ? [name] : [],
  );
  if (missing.length > 0) throw invalid(`Parameters: [${missing.join(', ')}] must have values`);
  return Object.fromEntries(
    Object.entries(Parameters).map(([name, parameter]) => {
      const value = given[name] ?? String(parameter.Default);
      const problem = problemOf(parameter, value);
      if (problem !== undefined) throw invalid(complaint(name, parameter, problem));
      return [name, value];
    }),
  );
}

const complaint = (name: string, { ConstraintDescription }: Parameter, problem: string): string =>
  ConstraintDescription === undefined
    ? `Parameter ${name} failed to satisfy constraint: Parameter ${name} ${problem}`
    : `Parameter ${name} failed to satisfy constraint: ${ConstraintDescription}`;

function problemOf(parameter: Parameter, value: string): string | undefined {
  const { Type, AllowedPattern, AllowedValues } = parameter;
  if (Type === 'Number' && (value === '' || Number.isNaN(Number(value)))) return 'must be a number';
  // The pattern must match the whole value, anchored or not.
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value)) {
    return `must match pattern ${AllowedPattern}`;
  }
  if (AllowedValues !== undefined && !AllowedValues.map(String).includes(value)) {
    return `must be one of AllowedValues ${AllowedValues.join(', ')}`;
  }
  return outOfBounds(parameter, value);
}

function outOfBounds({ MinLength, MaxLength, MinValue, MaxValue }: Parameter, value: string): string | undefined {
  if (value.length < Number(MinLength ?? 0)) return `must contain at least ${MinLength} characters`;
  if (value.length > Number(MaxLength ?? Infinity)) return `must contain at most ${MaxLength} characters`;
  if (MinValue !== undefined && Number(value) < Number(MinValue)) return `must be a number not less than ${MinValue}`;
  if (MaxValue !== undefined && Number(value) > Number(MaxValue))
    return `must be a number not greater than ${MaxValue}`;
  return undefined;
}
