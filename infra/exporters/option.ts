import * as z from 'zod/mini';

/** Options of an exporter's section: each has a default, and a description for editors and docs/configuration.md. */

export const toggle = (standard: boolean, about: string) =>
  z.prefault(z.boolean({ error: 'true or false' }), standard).check(z.describe(about));

export const oneOf = <const Word extends string>(words: readonly [Word, ...Word[]], about: string) =>
  z.prefault(z.enum(words, { error: words.join(' or ') }), words[0]).check(z.describe(about));

const HOURS = 'a whole number of hours from 1 to 168';

/** For `recheck` of the catalogue. */
export const hours = (standard: number, about: string) =>
  z
    .prefault(z.int({ error: HOURS }).check(z.gte(1, { error: HOURS }), z.lte(168, { error: HOURS })), standard)
    .check(z.describe(`${about}, 1 to 168.`));

export const options = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.strictObject(shape, { error: 'a mapping of options' });
