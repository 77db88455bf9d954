import * as z from 'zod/mini';
import { type Kind, kind } from './deploy-kind.ts';

const port = z.int().check(z.gte(0), z.lte(65_535));

const ingress = z.strictObject({
  GroupId: z.string(),
  IpProtocol: z.literal('tcp'),
  FromPort: port,
  ToPort: port,
  SourceSecurityGroupId: z.optional(z.string()),
  CidrIp: z.optional(z.string()),
  CidrIpv6: z.optional(z.string()),
  Description: z.optional(z.string().check(z.regex(/^[a-zA-Z0-9. _\-:/()#,@[\]+=&;{}!$*]{0,255}$/))),
});

/** docs: AWSCloudFormation/latest/TemplateReference/AWS_EC2 */
export const NETWORK_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::EC2::SecurityGroupIngress': kind(ingress, ({ GroupId, FromPort, ToPort, Description, ...from }, { account }) =>
    account.compute.securityGroups.authorize(GroupId, {
      from: FromPort,
      to: ToPort,
      source: sourceOf(from),
      description: Description,
    }),
  ),
};

interface From {
  readonly SourceSecurityGroupId?: string | undefined;
  readonly CidrIp?: string | undefined;
  readonly CidrIpv6?: string | undefined;
}

function sourceOf({ SourceSecurityGroupId: group, CidrIp, CidrIpv6 }: From) {
  const given = [group, CidrIp, CidrIpv6].filter((source) => source !== undefined);
  if (given.length !== 1) throw new Error(`exactly one source of an ingress rule is expected, not ${given.length}`);
  return group === undefined ? { cidr: CidrIp ?? CidrIpv6 ?? '' } : { group };
}
