import type { Selection } from './settings.ts';

/**
 * Is a cluster with these tags watched?
 *
 *   selection.tags                      cluster's tags               → watched
 *   {}                                  anything                     → yes
 *   { Project: [Etl, Ml] }              { Project: Etl }             → yes
 *   { Project: [Etl] }                  { Project: Web }, or none    → no
 *   { Project: [Etl], Stage: [prod] }   { …: Etl, …: prod }          → yes
 *   { Project: [Etl], Stage: [prod] }   { Project: Etl }             → no: every named tag must match
 */
export const isSelected = (tags: Readonly<Record<string, string>>, selection: Selection): boolean =>
  Object.entries(selection.tags).every(([tag, allowed]) => tags[tag] !== undefined && allowed.includes(tags[tag]));
