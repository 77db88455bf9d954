import { expect, test } from 'vitest';
import { deploySummary } from '../../../scripts/deploy/deploy-summary.ts';
import { hostSummary } from '../../../scripts/host/host-summary.ts';

const place = { stage: 'prod', region: 'eu-west-1' };
const identity = { accountId: '123456789012', partition: 'aws', arn: 'arn:aws:iam::123456789012:user/me' };

/** The ends of npm run deploy and npm run deploy:host. */
function ends(runbookUrl: string): readonly string[] {
  const stack = { id: 's', name: 's', status: 'UPDATE_COMPLETE', parameters: { RunbookUrl: runbookUrl }, outputs: {} };
  return [
    deploySummary({ place, identity, stack, values: { runbookUrl } }),
    hostSummary({ place, stack, main: stack, volumeGiB: 100 }),
  ];
}

test('where runbookUrl is no address, both deploys end with the command that makes alerts link to their runbooks', () => {
  for (const said of ends('docs/runbooks')) {
    expect(said).toContain('Alerts have no link to their runbook, for runbookUrl is "docs/runbooks" and no address');
    expect(said).toContain('npm run deploy -- --stage prod --region eu-west-1 --param runbookUrl=https://');
  }
});

test('where it is one, they say nothing of it', () => {
  for (const said of ends('https://git.example.com/docs/runbooks')) expect(said).not.toContain('runbook');
});
