import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { type DeployedStack, findStack, hostStackName } from '../aws/stack.ts';
import type { Place } from '../place-options.ts';
import { type Check, ok, red, skipped } from './check.ts';
import { notWhole, ringing } from './stack-checks.ts';
import { stackResources } from './stack-resources.ts';

const host: Check = {
  id: 'host',
  says: 'the Prometheus host stands and watches',
  needs: ['cloudformation:DescribeStacks', 'cloudformation:ListStackResources', 'cloudwatch:DescribeAlarms'],
  async run({ place, clients }) {
    const { stage, region } = place;
    const found = await findStack(place, hostStackName(place));
    if (found === undefined) {
      return skipped(
        `there is no stack ${hostStackName(place)}: npm run deploy:host is for who has no Prometheus yet (docs/host.md)`,
      );
    }
    const problems = notWhole(found, place, 'deploy:host');
    if (problems.length > 0) return { state: 'red', problems };
    const resources = await stackResources(clients, place, found.id);
    const name = resources.find(({ logicalId }) => logicalId === 'HostSilent')?.physicalId;
    if (name === undefined) {
      return red(
        `${found.name} has no alarm HostSilent`,
        `it is of another checkout: npm run deploy:host -- --stage ${stage} --region ${region}`,
      );
    }
    const { MetricAlarms = [] } = await clients.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
    const [alarm] = MetricAlarms;
    if (alarm === undefined) return red(`the alarm ${name} is not there`, makeAnew(name, found, place));
    if (alarm.StateValue === 'ALARM') return { state: 'red', problems: [ringing(alarm)] };
    const seen = `${found.name} is ${found.status}, its group ${found.outputs['AutoScalingGroup']}; ${name} is ${alarm.StateValue}`;
    return alarm.StateValue === 'OK' ? ok(seen) : skipped(`${seen}: it has judged nothing yet; again in a minute`);
  },
};

/**
 * A deploy does not see that it is gone, and a change set that reverts drift would take a data volume that has grown
 * (grow-data.ts) back to the size it was made with.
 */
function makeAnew(name: string, { name: stack, parameters }: DeployedStack, { region }: Place): string {
  const { AlertTopic: topic = '', RunbookUrl: runbooks = 'docs/runbooks' } = parameters;
  const told = topic === '' ? '' : ` --alarm-actions ${topic} --ok-actions ${topic}`;
  return `somebody deleted it beside CloudFormation, which a deploy does not see: aws cloudwatch put-metric-alarm --region ${region} --alarm-name ${name} --alarm-description 'Prometheus, Alertmanager or all of their host has not answered for 10 minutes, or all that they had to tell was refused. ${runbooks}/HostSilent.md' --namespace PrometheusOnEmrHost --metric-name Heartbeat --dimensions Name=Host,Value=${stack} --statistic SampleCount --period 60 --evaluation-periods 10 --datapoints-to-alarm 10 --comparison-operator LessThanThreshold --threshold 1 --treat-missing-data breaching${told}`;
}

export const HOST_CHECKS: readonly Check[] = [host];
