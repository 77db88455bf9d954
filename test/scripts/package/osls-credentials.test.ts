import { expect, test } from 'vitest';
import { deployCommand } from '../../../scripts/deploy/deploy.ts';
import { refuseOslsCredentials } from '../../../scripts/package/osls-credentials.ts';
import { removeTerminal } from '../remove/remove-terminal.ts';

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const PROD = { AWS_PROD_ACCESS_KEY_ID: 'AKIDOTHER', AWS_PROD_SECRET_ACCESS_KEY: 'other' };

test.each<[string, string, Readonly<Record<string, string>>, string]>([
  ['a profile of the stage', 'prod', { ...KEYS, AWS_PROD_PROFILE: 'other' }, 'AWS_PROD_PROFILE: osls knows'],
  [
    'keys of the stage',
    'prod',
    { AWS_PROFILE: 'me', ...PROD },
    'AWS_PROD_ACCESS_KEY_ID and AWS_PROD_SECRET_ACCESS_KEY:',
  ],
  ['a profile of a stage with a hyphen', 'eu-prod', { 'AWS_EU-PROD_PROFILE': 'other' }, 'AWS_EU-PROD_PROFILE:'],
  ['the default profile alone', 'dev', { AWS_DEFAULT_PROFILE: 'other' }, 'AWS_DEFAULT_PROFILE:'],
  [
    'the default profile beside half a pair of keys',
    'dev',
    { AWS_DEFAULT_PROFILE: 'o', AWS_ACCESS_KEY_ID: 'A' },
    'AWS_DEFAULT_PROFILE:',
  ],
  ['the default profile beside one that counts', 'dev', { AWS_DEFAULT_PROFILE: 'other', AWS_PROFILE: 'me' }, ''],
  ['the default profile beside keys', 'dev', { AWS_DEFAULT_PROFILE: 'other', ...KEYS }, ''],
  ["another stage's", 'dev', { ...KEYS, ...PROD }, ''],
  ['an empty one', 'prod', { AWS_PROD_PROFILE: '' }, ''],
])('%s, which osls alone would take: refused by name where it counts', (_title, stage, env, words) => {
  const said = (): string => {
    try {
      refuseOslsCredentials(stage, env);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(said().slice(0, words.length)).toBe(words);
  expect(said() === '').toBe(words === '');
});

test('deploy and remove stop before they ask anybody', async () => {
  const { calls, env, removeAs } = await removeTerminal();
  const before = calls().length;
  const other = { ...env, AWS_DEV_PROFILE: 'other' };
  const deploying = deployCommand(
    [],
    other,
    () => {},
    () => {},
  );
  await expect(deploying).rejects.toThrow(/^Configuration failed\n\nAWS_DEV_PROFILE: .* say in AWS_PROFILE/);
  await expect(removeAs(other)).rejects.toThrow(/^AWS_DEV_PROFILE: /);
  expect(calls()).toHaveLength(before);
});
