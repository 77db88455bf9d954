import { describe, expect, test } from 'vitest';
import { environmentOf, resolveParameters, substitute } from '../../../sandbox/nodes/agent/parameters.ts';
import { knowsEnvVar } from '../../../sandbox/nodes/agent/document.ts';

const digits = { type: 'String', allowedPattern: '[0-9]+' };

describe('which values an agent takes', () => {
  test.each<[string, object, object, object]>([
    [
      'a pattern is searched, not anchored: the classic hole',
      { Port: digits },
      { Port: 'abc1; echo pwn' },
      { Port: 'abc1; echo pwn' },
    ],
    ['a default stands in for what is not given', { Port: { ...digits, default: '9100' } }, {}, { Port: '9100' }],
    [
      'a name with an underscore is dropped in silence',
      { a_b: { type: 'String', default: 'kept' } },
      { a_b: 'given' },
      { a_b: 'kept' },
    ],
    ['an undeclared value is taken as it is', {}, { Extra: 'x' }, { Extra: 'x' }],
    ['every item of a list is matched', { Ports: digits }, { Ports: ['1', '2'] }, { Ports: ['1', '2'] }],
  ])('%s', (_case, definitions, given, values) => {
    expect(resolveParameters({ ...definitions }, { ...given })).toEqual({ kind: 'resolved', values });
  });

  test.each<[string, object, object]>([
    ['a value without a match', { Port: { allowedPattern: '^[0-9]+$' } }, { Port: '9100; id' }],
    ['a number, where there is a pattern', { Port: digits }, { Port: 9100 }],
    ['a pattern, but neither value nor default', { Port: digits }, {}],
    ['one bad item of a list', { Ports: { allowedPattern: '^[0-9]+$' } }, { Ports: ['1', 'x'] }],
    ['a look-ahead, which RE2 does not know', { Port: { allowedPattern: '^(?=9)[0-9]+$' } }, { Port: '9100' }],
    ['a repeat over 1,000, which RE2 refuses', { Url: { allowedPattern: '^.{1,2048}$' } }, { Url: 'x' }],
  ])('%s fails the command', (_case, definitions, given) => {
    expect(resolveParameters({ ...definitions }, { ...given }).kind).toBe('invalid');
  });
});

describe('how values get into a script', () => {
  test.each<[string, unknown, object, unknown]>([
    [
      'pasted as text, with any blanks in the braces',
      'echo {{Name}} {{  Name }}',
      { Name: 'x; id' },
      'echo x; id x; id',
    ],
    ['$$ in a value becomes $', 'echo {{ Name }}', { Name: 'a$$b' }, 'echo a$b'],
    ['a $name in a value vanishes', 'echo {{ Name }}.', { Name: '$HOME' }, 'echo .'],
    ['$$ of the script itself stays', 'echo $$ {{ Name }}', { Name: 'x' }, 'echo $$ x'],
    ['a string that is one reference becomes the list', '{{ Ports }}', { Ports: ['1', '2'] }, ['1', '2']],
    ['a list within a string becomes JSON', 'for {{ Ports }}', { Ports: ['1', '2'] }, 'for ["1","2"]'],
    [
      'inside lists and objects, and only there',
      { runCommand: ['{{ A }}!'], n: 1 },
      { A: 'a' },
      { runCommand: ['a!'], n: 1 },
    ],
    ['an unknown name stays', 'echo {{ Other }}', { Name: 'x' }, 'echo {{ Other }}'],
  ])('%s', (_case, input, values, expected) => {
    expect(substitute(input, { ...values })).toEqual(expected);
  });

  test('only a parameter of type ENV_VAR gets a variable', () => {
    const definitions = { A: { interpolationType: 'ENV_VAR' }, B: {}, C: { interpolationType: 'ENV_VAR' } };
    expect(environmentOf(definitions, { A: "it's", B: 'b' })).toEqual({ SSM_A: "it's" });
  });

  test.each([
    ['3.3.2746.0', true],
    ['3.3.2745.9', false],
    ['3.3.0.0', false],
    ['3.4.1.0', true],
    ['3.2.9999.0', false],
  ])('agent %s knows ENV_VAR: %s', (version, knows) => {
    expect(knowsEnvVar(version)).toBe(knows);
  });
});
