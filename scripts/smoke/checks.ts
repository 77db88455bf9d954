import { BUCKET_CHECKS } from './bucket-checks.ts';
import type { Check } from './check.ts';
import { CLUSTER_CHECKS } from './cluster-checks.ts';
import { DRY_RUN_CHECKS } from './dry-run-check.ts';
import { EVENT_CHECKS } from './event-checks.ts';
import { HOST_CHECKS } from './host-check.ts';
import { INSTALL_CHECKS } from './install-checks.ts';
import { ORDER_CHECKS } from './order-checks.ts';
import { ROLE_CHECKS } from './role-checks.ts';
import { STACK_CHECKS } from './stack-checks.ts';

/** They change nothing, and ask backfill for nothing. */
const LOOKS: readonly Check[] = [
  ...STACK_CHECKS,
  ...ORDER_CHECKS,
  ...EVENT_CHECKS,
  ...BUCKET_CHECKS,
  ...ROLE_CHECKS,
  ...HOST_CHECKS,
  ...CLUSTER_CHECKS,
];

/** They change nothing. */
export const READ_ONLY: readonly Check[] = [...LOOKS, ...DRY_RUN_CHECKS];

/** Without the dry run: after it backfill's share of EMR's quotas would be used up for a minute, and the doorbell late. */
export const WITH_INSTALL: readonly Check[] = [...LOOKS, ...INSTALL_CHECKS];

export const ALL_CHECKS: readonly Check[] = [...READ_ONLY, ...INSTALL_CHECKS];

/** What whoever runs the smoke test must be allowed: a policy to paste. */
export const smokePolicy = (): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'SmokeTest',
      Effect: 'Allow',
      Action: [...new Set(ALL_CHECKS.flatMap(({ needs }) => needs))].sort(),
      Resource: '*',
    },
  ],
});
