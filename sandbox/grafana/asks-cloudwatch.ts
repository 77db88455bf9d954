import type { PanelQuery } from './panel-queries.ts';

/** Panels that ask CloudWatch, by why. The demo has no CloudWatch: whether they have data docs/unproven.md says how to see. */
export const ASKS_CLOUDWATCH: Readonly<Record<string, readonly string[]>> = {
  'only the functions’ own metrics say it': [
    'emr-automation: Actions that a policy refused',
    'emr-automation: Calls to AWS that were throttled or failed',
    'emr-automation: Calls to EMR',
    'emr-automation: Doorbells put off, lost races, failed looks',
    'emr-automation: Looks that wait',
    'emr-automation: Orders ended',
    'emr-automation: Orders sent',
    'emr-automation: Rollouts: 1 one node, 2 one of each cluster, 3 the rest, 4 stopped',
    'emr-automation: The oldest look that waits',
    'emr-automation: What wants a person',
  ],
};

const LISTED = new Set(Object.values(ASKS_CLOUDWATCH).flat());

export const asksCloudWatch = ({ dashboard, panel }: PanelQuery): boolean => LISTED.has(`${dashboard}: ${panel}`);
