import type { Settings } from './settings.ts';

/** Ends the hash of such settings: records say that they were made under them. */
export const RETIRED = '-retired';

/**
 * The settings under which everything of ours leaves, before the stack does: no cluster is watched, for none has one of
 * no values (selection.ts). Policies stay in force.
 */
export const retired = (settings: Settings): Settings => ({
  ...settings,
  hash: `${settings.hash}${RETIRED}`,
  selection: { tags: { retired: [] } },
});
