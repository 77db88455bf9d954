import { readFileSync } from 'node:fs';
import type { Catch } from './hunt.ts';

export const CATCHES_FILE = 'test/sim/recorded-catches.json';

/** By which history each deliberate bug is found; written by `npm run sim -- --hunt`. */
export const catches = JSON.parse(readFileSync(CATCHES_FILE, 'utf8')) as Readonly<Record<string, Catch>>;
