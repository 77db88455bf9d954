import { expect, test } from 'vitest';
import { hunt } from '../sim/hunt.ts';
import { mutations } from '../sim/mutations.ts';

const SEEDS = 500;

test.each(mutations)(`the bug "$name" is found within ${SEEDS} histories`, { timeout: 600_000 }, async ({ name }) => {
  expect(await hunt(name, SEEDS)).toBeDefined();
});
