import type { Instance } from './ec2.ts';
import type { Subnet, Volume } from './network.ts';
import type { Xml } from './query-xml.ts';
import { type IngressRule, type SecurityGroup, VPC } from './security-groups.ts';

/** docs: AWSEC2/latest/APIReference/API_InstanceState: code beside name. */
const CODES = { pending: 0, running: 16, 'shutting-down': 32, terminated: 48, stopping: 64, stopped: 80 } as const;

const GROUPS: Xml = [
  { groupId: 'sg-0123456789abcdef0', groupName: 'ElasticMapReduce-master' },
  { groupId: 'sg-0123456789abcdef1', groupName: 'ElasticMapReduce-slave' },
];

/** EMR's root volume and the data volumes of the type: two up to xlarge, else four (docs: emr/latest/ManagementGuide/emr-plan-storage). */
const volumes = ({ launchedAt, id, instanceType }: Instance): Xml =>
  ['a', 'b', 'c', 'd', 'e'].slice(0, /\.(?:large|xlarge)$/.test(instanceType) ? 3 : 5).map((letter, n) => ({
    deviceName: letter === 'a' ? '/dev/xvda' : `/dev/sd${letter}`,
    ebs: {
      volumeId: `vol-${n}${id.slice(3)}`,
      status: 'attached',
      attachTime: launchedAt,
      deleteOnTermination: true,
      operator: { managed: false },
    },
  }));

const networkInterface = (instance: Instance, accountId: string): Xml => {
  const suffix = instance.id.slice(2);
  return {
    networkInterfaceId: `eni-${suffix}`,
    subnetId: 'subnet-0123456789abcdef0',
    vpcId: VPC,
    description: '',
    ownerId: accountId,
    status: 'in-use',
    macAddress: suffix.slice(0, 12).replace(/(..)(?=.)/g, '$1:'),
    privateIpAddress: instance.address,
    privateDnsName: instance.dnsName,
    sourceDestCheck: true,
    groupSet: GROUPS,
    attachment: {
      attachmentId: `eni-attach-${suffix}`,
      deviceIndex: 0,
      status: 'attached',
      attachTime: instance.launchedAt,
      deleteOnTermination: true,
      networkCardIndex: 0,
    },
    privateIpAddressesSet: [{ privateIpAddress: instance.address, privateDnsName: instance.dnsName, primary: true }],
    ipv6AddressesSet: [],
    interfaceType: 'interface',
    operator: { managed: false },
  };
};

const tagSet = (instance: Instance): Xml => Object.entries(instance.tags).map(([key, value]) => ({ key, value }));

/** What is true of every instance of this account, in the order of AWS's own sample answer. */
const CONSTANTS = {
  productCodes: [],
  monitoring: { state: 'disabled' },
  hypervisor: 'xen',
  virtualizationType: 'hvm',
  rootDeviceType: 'ebs',
  rootDeviceName: '/dev/xvda',
  sourceDestCheck: true,
  ebsOptimized: true,
  enaSupport: true,
  cpuOptions: { coreCount: 2, threadsPerCore: 2 },
  capacityReservationSpecification: { capacityReservationPreference: 'open' },
  hibernationOptions: { configured: false },
  enclaveOptions: { enabled: false },
  metadataOptions: {
    state: 'applied',
    httpTokens: 'required',
    httpPutResponseHopLimit: 2,
    httpEndpoint: 'enabled',
    httpProtocolIpv6: 'disabled',
    instanceMetadataTags: 'disabled',
  },
  networkPerformanceOptions: { bandwidthWeighting: 'default' },
  maintenanceOptions: { autoRecovery: 'default', rebootMigration: 'default' },
  privateDnsNameOptions: {
    hostnameType: 'ip-name',
    enableResourceNameDnsARecord: false,
    enableResourceNameDnsAAAARecord: false,
  },
  platformDetails: 'Linux/UNIX',
  usageOperation: 'RunInstances',
  bootMode: 'uefi-preferred',
  currentInstanceBootMode: 'legacy-bios',
  operator: { managed: false },
} as const;

const whileThere = (instance: Instance, accountId: string): { readonly [name: string]: Xml } => ({
  privateDnsName: instance.dnsName,
  reason: '',
  subnetId: 'subnet-0123456789abcdef0',
  vpcId: VPC,
  privateIpAddress: instance.address,
  groupSet: GROUPS,
  blockDeviceMapping: volumes(instance),
  networkInterfaceSet: [networkInterface(instance, accountId)],
});

/** A terminated instance has lost its address, volumes and network interfaces, and keeps its tags. */
const onceGone = (terminatedAt: Date): { readonly [name: string]: Xml } => ({
  privateDnsName: '',
  reason: `User initiated (${terminatedAt.toISOString().slice(0, 19).replace('T', ' ')} GMT)`,
  groupSet: [],
  stateReason: {
    code: 'Client.UserInitiatedShutdown',
    message: 'Client.UserInitiatedShutdown: User initiated shutdown',
  },
  blockDeviceMapping: [],
  networkInterfaceSet: [],
});

const instanceItem = (instance: Instance, accountId: string): Xml => ({
  instanceId: instance.id,
  imageId: 'ami-0123456789abcdef0',
  clientToken: `${instance.reservationId}-${instance.id}`,
  instanceState: { code: CODES[instance.state], name: instance.state },
  dnsName: '',
  amiLaunchIndex: 0,
  instanceType: instance.instanceType,
  launchTime: instance.launchedAt,
  usageOperationUpdateTime: instance.launchedAt,
  placement: { availabilityZone: instance.zone, availabilityZoneId: 'use1-az1', groupName: '', tenancy: 'default' },
  architecture: instance.arch === 'arm64' ? 'arm64' : 'x86_64',
  instanceLifecycle: instance.market === 'SPOT' ? 'spot' : undefined,
  tagSet: tagSet(instance),
  iamInstanceProfile: {
    arn: `arn:aws:iam::${accountId}:instance-profile/EMR_EC2_DefaultRole`,
    id: 'AIPAEXAMPLEEXAMPLEEXA',
  },
  ...(instance.terminatedAt === undefined ? whileThere(instance, accountId) : onceGone(instance.terminatedAt)),
  ...CONSTANTS,
});

/** One reservation per instance, as EMR launches them. */
export const reservation = (instance: Instance, accountId: string): Xml => ({
  reservationId: instance.reservationId,
  ownerId: accountId,
  groupSet: [],
  instancesSet: [instanceItem(instance, accountId)],
  requesterId: '902886369234',
});

/** docs: AWSEC2/latest/APIReference/API_SecurityGroup: what a new group lets out is everything. */
export const groupItem = ({ id, name, vpcId, ingress }: SecurityGroup, accountId: string): Xml => ({
  ownerId: accountId,
  groupId: id,
  groupName: name,
  groupDescription: name,
  vpcId,
  ipPermissions: ingress.map((rule) => permission(rule, accountId)),
  ipPermissionsEgress: [
    { ipProtocol: '-1', groups: [], ipRanges: [{ cidrIp: '0.0.0.0/0' }], ipv6Ranges: [], prefixListIds: [] },
  ],
  tagSet: [],
});

export const subnetItem = ({ id, vpcId, zone }: Subnet): Xml => ({
  subnetId: id,
  vpcId,
  availabilityZone: zone,
  state: 'available',
});

export const volumeItem = (volume: Volume, accountId: string, region: string): Xml => ({
  volumeId: volume.id,
  availabilityZone: volume.zone,
  encrypted: volume.isEncrypted,
  kmsKeyId: volume.isEncrypted ? (volume.kmsKeyId ?? `arn:aws:kms:${region}:${accountId}:key/0`) : undefined,
  status: volume.status ?? (volume.attachedTo.length > 0 ? 'in-use' : 'available'),
  multiAttachEnabled: volume.isMultiAttach ?? false,
  size: volume.sizeGiB ?? 100,
  attachmentSet: volume.attachedTo.map((instanceId) => ({ volumeId: volume.id, instanceId, status: 'attached' })),
});

function permission({ from, to, source, description }: IngressRule, accountId: string): Xml {
  const ranges = 'cidr' in source ? [source.cidr] : [];
  const [six, four] = [ranges.filter((cidr) => cidr.includes(':')), ranges.filter((cidr) => !cidr.includes(':'))];
  return {
    ipProtocol: 'tcp',
    fromPort: from,
    toPort: to,
    groups: 'group' in source ? [{ userId: accountId, groupId: source.group, description }] : [],
    ipRanges: four.map((cidrIp) => ({ cidrIp, description })),
    ipv6Ranges: six.map((cidrIpv6) => ({ cidrIpv6, description })),
    prefixListIds: [],
  };
}
