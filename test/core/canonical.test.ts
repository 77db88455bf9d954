import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, isSameJson } from '../../shared/core/canonical.ts';

/** Small values, so that two of them are often the same; undefined fields are as good as absent ones. */
const anyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(0, 1, '', 'a', true, null),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), fc.option(tie('value'), { nil: undefined }), { maxKeys: 2 }),
  ),
})).value;

test('two values are the same exactly where their canonical JSON is', () => {
  fc.assert(
    fc.property(anyValue, anyValue, (a, b) => {
      expect(isSameJson(a, b)).toBe(canonicalJson(a) === canonicalJson(b));
    }),
    { numRuns: 2000 },
  );
});

test.each([
  [{ b: 1, a: { d: [1, 2], c: undefined } }, '{"a":{"d":[1,2]},"b":1}'],
  [JSON.parse('{"z":1,"__proto__":{"b":1,"a":2}}'), '{"__proto__":{"a":2,"b":1},"z":1}'],
])('%j is written with sorted keys, without undefined ones, whatever they are called', (value, json) => {
  expect(canonicalJson(value)).toBe(json);
});
