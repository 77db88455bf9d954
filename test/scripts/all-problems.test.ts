import { expect, test } from 'vitest';
import { allOrProblems, attempt, throwProblems } from '../../scripts/all-problems.ts';
import { ConfigError, ConflictError, UnavailableError, UnknownClusterError } from '../../shared/core/errors.ts';

const defect = new TypeError('x is undefined');
const throttled = new UnavailableError('AWS throttles');
const lost = new UnavailableError('connection lost');
const raced = new ConflictError('somebody was quicker');
const wrong = new ConfigError('stage is "X"');
const unknown = new UnknownClusterError('no such cluster');

/** What is thrown of these, in the order of the calls, which fail in the opposite one. */
const thrown = async (...failures: readonly unknown[]): Promise<unknown> => {
  const looks = failures.map(async (failure, index) => {
    for (let turns = failures.length - index; turns > 0; turns -= 1) await Promise.resolve();
    throw failure;
  });
  return await allOrProblems(
    attempt(() => 1),
    ...looks,
  ).catch((error: unknown) => error);
};

test('answers what each answers, in order', async () => {
  expect(
    await allOrProblems(
      attempt(() => 1),
      Promise.resolve('b'),
    ),
  ).toEqual([1, 'b']);
  expect(await allOrProblems()).toEqual([]);
});

test.each([wrong, throttled, unknown, defect])('one error alone stays as it is: %s', async (error) => {
  expect(await thrown(error)).toBe(error);
});

test.each([
  ['what wants a person', [wrong, unknown], new ConfigError('stage is "X"\nno such cluster', { cause: wrong })],
  [
    'what passes and what wants a person',
    [throttled, wrong],
    new ConfigError('AWS throttles\nstage is "X"', { cause: throttled }),
  ],
  [
    'what passes',
    [lost, throttled, raced],
    new UnavailableError('connection lost\nAWS throttles\nsomebody was quicker', { cause: lost }),
  ],
  [
    'a defect of ours and what wants a person',
    [wrong, defect],
    new AggregateError([wrong, defect], 'stage is "X"\nx is undefined'),
  ],
  ['a defect that is no error', [wrong, 'oops'], new AggregateError([wrong, 'oops'], 'stage is "X"\noops')],
])('of several nothing is lost: %s', async (_name, failures, expected) => {
  const error = await thrown(...failures);
  expect(error).toStrictEqual(expected);
});

test('a throw at once is one of them, and so are problems without one', async () => {
  const looks = allOrProblems(
    attempt(() => throwProblems([])),
    attempt(() => throwProblems(['a', 'b'])),
    attempt(() => throwProblems(['c'])),
  );
  await expect(looks).rejects.toThrow(new ConfigError('a\nb\nc'));
});
