import * as z from 'zod/mini';
import { inert, type Kind, kind } from './deploy-kind.ts';
import type { SecurityGroupId } from './security-groups.ts';
import { physicalId } from './template-names.ts';

const ignored = z.optional(z.unknown());

/** No instance of it runs here: what AWS would do with them is in docs/unproven.md. docs: AWSCloudFormation/latest/TemplateReference */
export const HOST_KINDS: Readonly<Record<string, Kind>> = {
  'AWS::EC2::SecurityGroup': kind(
    z.strictObject({
      GroupName: z.optional(z.string()),
      GroupDescription: z.string().check(z.maxLength(255)),
      VpcId: z.string(),
      SecurityGroupEgress: ignored,
    }),
    ({ VpcId }, { account: { compute }, name, isNew }) => {
      const id = physicalId('sg', name) as SecurityGroupId;
      if (isNew) compute.securityGroups.create({ name, vpcId: VpcId, id });
      return () => compute.securityGroups.remove(id);
    },
    true,
  ),
  'AWS::EC2::Volume': kind(
    z.strictObject({
      AvailabilityZone: z.string(),
      Size: z.string(),
      VolumeType: z.literal('gp3'),
      Encrypted: z.literal(true),
      Tags: ignored,
    }),
    ({ AvailabilityZone: zone, Size }, { account: { compute }, name }) =>
      compute.network.addVolume({
        id: physicalId('vol', name),
        zone,
        attachedTo: [],
        isEncrypted: true,
        sizeGiB: Number(Size),
      }),
    true,
  ),
  'AWS::EC2::LaunchTemplate': inert(
    z.strictObject({
      LaunchTemplateName: z.optional(z.string()),
      LaunchTemplateData: z.strictObject({
        ImageId: z.string().check(z.regex(/^ami-/)),
        InstanceType: z.string(),
        IamInstanceProfile: z.strictObject({ Arn: z.string() }),
        SecurityGroupIds: z.array(z.string()),
        InstanceInitiatedShutdownBehavior: z.optional(z.enum(['stop', 'terminate'])),
        MetadataOptions: z.unknown(),
        BlockDeviceMappings: z.unknown(),
        TagSpecifications: z.unknown(),
        // Base64 of 16 kB: AWSEC2/latest/UserGuide/user-data
        UserData: z.string().check(z.maxLength(21_848)),
      }),
    }),
  ),
  'AWS::AutoScaling::AutoScalingGroup': inert(
    z.strictObject({
      AutoScalingGroupName: z.optional(z.string()),
      MinSize: z.string(),
      MaxSize: z.string(),
      VPCZoneIdentifier: z.array(z.string()),
      LaunchTemplate: z.strictObject({ LaunchTemplateId: z.string(), Version: z.string() }),
      HealthCheckType: ignored,
      HealthCheckGracePeriod: ignored,
      TargetGroupARNs: ignored,
    }),
  ),
  'AWS::IAM::InstanceProfile': inert(
    z.strictObject({ InstanceProfileName: z.optional(z.string()), Roles: z.array(z.string()) }),
  ),
  'AWS::SecretsManager::Secret': inert(
    z.strictObject({ Name: z.optional(z.string()), Description: ignored, GenerateSecretString: z.unknown() }),
  ),
};
