import type { Settings } from './settings.ts';

/**
 * The settings under which everything of ours leaves, before the stack does: no cluster is watched, for none has one of
 * no values (selection.ts). Policies stay in force.
 */
export const retired = (settings: Settings): Settings => ({
  ...settings,
  hash: `${settings.hash}-retired`,
  selection: { tags: { retired: [] } },
});
