import { information } from '../../shared/aws/ssm-online.ts';
import { ec2Fleet } from '../../shared/aws/ec2-fleet.ts';
import { ssmCommands } from '../../shared/aws/ssm-commands.ts';
import { chunksOf } from '../../shared/aws/aws-error.ts';
import { UnknownClusterError } from '../../shared/core/errors.ts';
import type { CommandId, InstanceId } from '../../shared/core/model.ts';
import { isRunning } from '../../shared/core/observe.ts';
import { isSelected } from '../../shared/core/selection.ts';
import { counted } from '../text-table.ts';
import { type Check, ok, problem, red, skipped, verdict } from './check.ts';
import { physicalId, type Smoke } from './examined.ts';

/** DescribeInstanceInformation: MaxResults is at most 50. DescribeTags: 200 values a filter. */
const AGENTS_PER_CALL = 50;
const TAGS_PER_CALL = 200;
/** docs: Amazon Linux 2 and systemd, which the exporters' units need. */
const OLDEST_RELEASE = [5, 30] as const;

const cluster: Check = {
  id: 'cluster',
  says: 'the cluster runs, is watched, and is of a release that is supported',
  needs: ['elasticmapreduce:DescribeCluster'],
  async run({ cluster: ask, settings, clusterId }) {
    const { name, state, releaseLabel, tags } = await ask();
    const [major = 0, minor = 0] = releaseLabel.replace(/^emr-/, '').split('.').map(Number);
    const isOld = major < OLDEST_RELEASE[0] || (major === OLDEST_RELEASE[0] && minor < OLDEST_RELEASE[1]);
    const wanted = JSON.stringify(settings.selection.tags);
    return verdict(`${clusterId} ${name}: ${state}, ${releaseLabel}`, [
      ...(isRunning(state)
        ? []
        : [problem(`${clusterId} is ${state}`, 'wait until it is RUNNING or WAITING, or name another one')]),
      ...(isSelected(tags, settings.selection)
        ? []
        : [
            problem(
              `monitoring.yml does not watch it: clusters.tags is ${wanted}`,
              `tag it (aws emr add-tags --resource-id ${clusterId} …), or change monitoring.yml and deploy`,
            ),
          ]),
      ...(isOld
        ? [problem(`${releaseLabel} is before emr-5.30.0`, 'a newer release: older ones have no systemd')]
        : []),
    ]);
  },
};

const unknownCluster: Check = {
  id: 'unknown-cluster',
  says: 'EMR says of an unknown cluster that its id is not valid',
  needs: ['elasticmapreduce:DescribeCluster'],
  async run({ emr }) {
    try {
      await emr.describe('j-0000000000000');
      return red(
        'EMR knows the cluster j-0000000000000',
        'report it: this project takes the answer for a cluster that never was',
      );
    } catch (error) {
      if (error instanceof UnknownClusterError) return ok(error.message);
      throw error;
    }
  },
};

const unknownCommand: Check = {
  id: 'unknown-command',
  says: 'SSM says of a command that it has forgotten: InvalidCommandId',
  needs: ['ssm:ListCommandInvocations'],
  async run({ clients, now }) {
    const id = `00000000-0000-4000-8000-${String(now().getTime()).slice(-12)}` as CommandId;
    const results = await ssmCommands(clients.ssm).results(id);
    return results.length === 0 ? ok('no results, and no error') : red(`the command ${id} has results`, 'run it again');
  },
};

const ssmReachable: Check = {
  id: 'ssm-reachable',
  says: 'the SSM agent of every node is online',
  needs: [
    'elasticmapreduce:DescribeCluster',
    'elasticmapreduce:ListInstances',
    'elasticmapreduce:ListInstanceGroups',
    'elasticmapreduce:ListInstanceFleets',
    'ssm:DescribeInstanceInformation',
  ],
  async run(smoke) {
    const nodes = await smoke.nodes();
    if (nodes.length === 0) return skipped('EMR lists no running node');
    const agents = new Map<string, { readonly ping: string; readonly version: string; readonly last: string }>();
    for (const chunk of chunksOf(
      AGENTS_PER_CALL,
      nodes.map(({ id }) => id),
    ))
      for (const { InstanceId = '', PingStatus = '', AgentVersion = '', LastPingDateTime } of await information(
        smoke.clients.ssm,
        chunk,
      ))
        agents.set(InstanceId, {
          ping: PingStatus,
          version: AgentVersion,
          last: LastPingDateTime?.toISOString() ?? '',
        });
    const versions = [...Map.groupBy(agents.values(), ({ version }) => version)].map(
      ([version, all]) => `${all.length} × ${version}`,
    );
    const never = nodes.filter(({ id }) => !agents.has(id)).map(({ id, role }) => `${id} (${role})`);
    const lost = nodes.flatMap(({ id, role }) => {
      const agent = agents.get(id);
      return agent === undefined || agent.ping === 'Online'
        ? []
        : [`${id} (${role}, ${agent.ping} since ${agent.last})`];
    });
    return verdict(`${counted(nodes.length, 'node')}, agents ${versions.join(', ')}`, [
      ...(never.length === 0 ? [] : [problem(`SSM does not know ${never.join(', ')}`, await adviceForUnknown(smoke))]),
      ...(lost.length === 0
        ? []
        : [
            problem(
              `the agent is silent on ${lost.join(', ')}`,
              'on the node: sudo systemctl restart amazon-ssm-agent; its log is /var/log/amazon/ssm/amazon-ssm-agent.log',
            ),
          ]),
    ]);
  },
};

async function adviceForUnknown({ rawCluster, stack }: Smoke): Promise<string> {
  const { Ec2InstanceAttributes } = await rawCluster();
  const profile = Ec2InstanceAttributes?.IamInstanceProfile ?? 'the EMR instance profile';
  const policy =
    physicalId(stack, 'NodePolicy') ?? `arn:${stack.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore`;
  return [
    `the role of the instance profile ${profile}, mostly of the same name, must allow it: aws iam attach-role-policy --role-name ${profile} --policy-arn ${policy}`,
    `the subnet ${Ec2InstanceAttributes?.Ec2SubnetId ?? ''} must reach ssm, ssmmessages and ec2messages (internet, or VPC endpoints: docs/network.md)`,
    'the agent must run (bootstrap action: sudo systemctl enable --now amazon-ssm-agent)',
  ].join('; ');
}

const systemTags: Check = {
  id: 'system-tags',
  says: "EC2 shows EMR's system tag on every node, to DescribeTags and to DescribeInstances",
  needs: ['ec2:DescribeTags', 'ec2:DescribeInstances'],
  async run({ nodes: ask, clients, clusterId }) {
    const nodes = await ask();
    const fleet = ec2Fleet(clients.ec2);
    const [members, instances] = [await fleet.members(clusterId), await fleet.instances(nodes.map(({ id }) => id))];
    const missing = (has: (id: InstanceId) => boolean): readonly string[] =>
      nodes.flatMap(({ id }) => (has(id) ? [] : [id]));
    const untagged = missing((id) => members.get(id) === clusterId);
    const unseen = missing((id) => instances.get(id)?.clusterId === clusterId);
    const advice = 'report it: the sweep finds nodes by this tag (docs/adr/0011); until then events alone find them';
    return verdict(`${counted(nodes.length, 'node')} carry aws:elasticmapreduce:job-flow-id`, [
      ...(untagged.length === 0 ? [] : [problem(`DescribeTags does not show it on ${untagged.join(', ')}`, advice)]),
      ...(unseen.length === 0 ? [] : [problem(`DescribeInstances does not show it on ${unseen.join(', ')}`, advice)]),
    ]);
  },
};

const clusterTags: Check = {
  id: 'cluster-tags',
  says: "EMR copies the cluster's tags to its nodes",
  needs: ['ec2:DescribeTags'],
  async run({ nodes: ask, cluster: describe, clients }) {
    const { tags } = await describe();
    const keys = Object.keys(tags).filter((key) => !key.startsWith('aws:'));
    if (keys.length === 0) return skipped('the cluster has no tags of its own');
    const nodes = await ask();
    const fleet = ec2Fleet(clients.ec2);
    const found = await Promise.all(
      chunksOf(
        TAGS_PER_CALL,
        nodes.map(({ id }) => id),
      ).map((ids) => fleet.tags(ids, keys)),
    );
    const wrong = found.flatMap((some) =>
      [...some].filter(([, own]) => keys.some((key) => own[key] !== tags[key])).map(([id]) => id),
    );
    return verdict(
      `${keys.join(', ')} on ${counted(nodes.length, 'node')}`,
      wrong.length === 0
        ? []
        : [
            problem(
              `other tags than the cluster on ${wrong.join(', ')}`,
              'EMR takes some minutes after add-tags; run it again; nodes tagged by hand keep the sweep from noticing changes',
            ),
          ],
    );
  },
};

export const CLUSTER_CHECKS: readonly Check[] = [
  cluster,
  unknownCluster,
  unknownCommand,
  ssmReachable,
  systemTags,
  clusterTags,
];
