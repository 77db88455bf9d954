import type { BuildOptions } from 'esbuild';

/** What every bundle of ours has in common: one minified ES module for Node 24. */
export const BUNDLE = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // esbuild's default for node prefers CommonJS builds, whose `require` an ES module does not have when it loads.
  mainFields: ['module', 'main'],
  legalComments: 'none',
  logLevel: 'warning',
} as const satisfies BuildOptions;
