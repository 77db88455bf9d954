import type { DeployedStack } from '../aws/stack.ts';
import { runbookWords } from '../deploy/runbook-words.ts';
import type { Place } from '../place-options.ts';

interface Deployed {
  readonly place: Place;
  readonly stack: DeployedStack;
  /** The deployment whose clusters it watches. */
  readonly main: DeployedStack;
  /** Of the data volume. */
  readonly volumeGiB: number;
}

/** What is there now, how people get in, and what is left to do by hand. */
export function hostSummary({ place: { stage, region }, stack, main, volumeGiB }: Deployed): string {
  const { HostSecurityGroup: group, GrafanaSecret: secret, AutoScalingGroup: host } = stack.outputs;
  const { RootUrl: url = '', AlertTopic: topic = '' } = stack.parameters;
  return `
${stack.name} is deployed to ${region}: ${stack.status}
  data       ${stack.outputs['DataVolume']} (${volumeGiB} GiB), which outlives the instance
  alerts     ${topic === '' ? 'only show: --param alertTopic=arn:… tells somebody' : topic}

Grafana: user admin, with this password
  aws secretsmanager get-secret-value --region ${region} --secret-id ${secret} --query SecretString --output text
${url === '' ? throughSessionManager(region, host) : `  ${url}`}
${runbookWords(main.parameters['RunbookUrl'] ?? 'docs/runbooks', { stage, region })}
${ports({ stage, region, group, main })}`;
}

const throughSessionManager = (
  region: string,
  host = '',
): string => `From here, at http://localhost:3000 (needs the plugin of Session Manager; docs/host.md has TLS)
  aws ssm start-session --region ${region} --document-name AWS-StartPortForwardingSession \\
    --parameters portNumber=3000,localPortNumber=3000 --target "$(aws autoscaling describe-auto-scaling-groups \\
    --region ${region} --auto-scaling-group-names ${host} --query 'AutoScalingGroups[0].Instances[0].InstanceId' --output text)"`;

interface Opening {
  readonly stage: string;
  readonly region: string;
  readonly group: string | undefined;
  readonly main: DeployedStack;
}

/** The exporters' ports are the other stack's to open. */
function ports({ stage, region, group, main }: Opening): string {
  const { PrometheusSecurityGroup: open, ClusterSecurityGroups: clusters = '' } = main.parameters;
  if (open === group && clusters !== '') return `The exporters' ports are open to it in ${clusters}.`;
  return `Once, let it reach the exporters' ports of the clusters (docs/network.md)
  npm run deploy -- --stage ${stage} --region ${region} --param prometheusSecurityGroup=${group} --param clusterSecurityGroups=${clusters || 'sg-…,sg-…'}`;
}
