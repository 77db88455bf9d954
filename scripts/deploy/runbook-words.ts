import type { Place } from '../place-options.ts';

/** Of a summary: empty where alerts link to pages that people can open. */
export const runbookWords = (runbookUrl: string, { stage, region }: Place): string =>
  isAddress(runbookUrl)
    ? ''
    : `
Alerts have no link to their runbook, for runbookUrl is "${runbookUrl}" and no address. Where people read docs/runbooks:
  npm run deploy -- --stage ${stage} --region ${region} --param runbookUrl=https://…/docs/runbooks
`;

export const isAddress = (runbookUrl: string): boolean => /^https?:\/\//.test(runbookUrl);
