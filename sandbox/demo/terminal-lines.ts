import type { Stage } from './stage.ts';

/** What to type in another terminal, so that a command finds this account as it would find AWS. `api`: its address. */
export function terminalLines(
  { account, authority }: Pick<Stage, 'account' | 'authority'>,
  api: string,
  lock: string,
): readonly string[] {
  const { region, credentials } = account;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials.issue();
  const environment = {
    AWS_PROFILE: '', // the SDK prefers one to the keys beside it
    AWS_ENDPOINT_URL: api,
    NODE_EXTRA_CA_CERTS: authority,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
    EXPORTERS_LOCK: lock, // or status would speak of the release's exporters
  };
  const prefix = Object.entries(environment).map(([name, value]) => `${name}='${value}'`);
  return ['npm run status', 'npm run backfill -- --dry-run'].map((command) => [...prefix, command].join(' '));
}
