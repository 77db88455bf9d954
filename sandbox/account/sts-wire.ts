import { createHash } from 'node:crypto';
import type { CredentialStore } from './credentials.ts';
import { queryHandler } from './query-wire.ts';
import type { Surroundings } from './surroundings.ts';
import { WireFault, type WireHandler } from './wire.ts';

/** Of STS's API: it tells its forms from other services'. */
export const STS_VERSION = '2011-06-15';

/** docs: STS/latest/APIReference/API_GetCallerIdentity: nobody can be denied it. */
export function stsHandler(credentials: CredentialStore, world: Surroundings): WireHandler {
  const namespace = `https://sts.amazonaws.com/doc/${STS_VERSION}/`;
  return queryHandler(
    {
      name: 'sts',
      namespace,
      operations: {
        GetCallerIdentity: {
          reads: [],
          run(_form, { headers }) {
            const [, id = ''] = /Credential=([^/]+)\//.exec(headers['authorization'] ?? '') ?? [];
            const caller = credentials.find(id);
            if (caller === undefined) {
              throw new WireFault(
                'InvalidClientTokenId',
                'The security token included in the request is invalid.',
                403,
              );
            }
            return { Arn: caller.principal, UserId: userIdOf(caller.principal), Account: world.accountId };
          },
        },
      },
    },
    world,
  );
}

/** A role's unique id and the session's name: docs: IAM/latest/UserGuide/reference_identifiers */
const userIdOf = (principal: string): string => {
  const [, role = '', session = ''] = principal.split('/');
  return `AROA${createHash('sha256').update(role).digest('hex').slice(0, 17).toUpperCase()}:${session}`;
};
