import { IAMClient, paginateListEntitiesForPolicy } from '@aws-sdk/client-iam';
import type { Place } from '../place-options.ts';
import { inWords, unless } from './in-words.ts';

/** The commands that detach a policy from everything it is attached to; none where it is gone. */
export async function detachCommands(place: Place, PolicyArn: string): Promise<readonly string[]> {
  const client = new IAMClient({ region: place.region });
  const commands: string[] = [];
  const command = (of: string, name = ''): string =>
    `aws iam detach-${of}-policy --${of}-name ${name} --policy-arn ${PolicyArn}`;
  await inWords('iam:ListEntitiesForPolicy', place, () =>
    unless(['NoSuchEntity', 'NoSuchEntityException'], async () => {
      for await (const page of paginateListEntitiesForPolicy({ client }, { PolicyArn })) {
        const { PolicyRoles = [], PolicyUsers = [], PolicyGroups = [] } = page;
        commands.push(
          ...PolicyRoles.map(({ RoleName }) => command('role', RoleName)),
          ...PolicyUsers.map(({ UserName }) => command('user', UserName)),
          ...PolicyGroups.map(({ GroupName }) => command('group', GroupName)),
        );
      }
    }),
  );
  return commands;
}
