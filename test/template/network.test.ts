import { expect, test } from 'vitest';
import { createAccount } from '../../sandbox/account/account.ts';
import { virtualClock } from '../../sandbox/account/clock.ts';
import { QUICK } from '../../sandbox/account/compute.ts';
import { deployTemplate } from '../../sandbox/account/deploy.ts';
import { inProcess } from '../../sandbox/account/lambda.ts';
import { portRanges } from '../../scripts/package/build-network.ts';
import { lockFile, settingsAndDocuments } from '../../scripts/package/package-stack.ts';
import { type Template, template } from '../infra/template.ts';
import { GIVEN, withAll } from './given.ts';

const { monitoring } = await settingsAndDocuments(lockFile(process.env));
const groups = GIVEN.clusterSecurityGroups.split(',');
const rulesOf = ({ Resources }: Template) =>
  Object.values(Resources).filter(({ Type }) => Type === 'AWS::EC2::SecurityGroupIngress');

test('no security group rule is in the template unless it is asked for', () => {
  expect(rulesOf(template)).toEqual([]);
});

test('the network is let in to exactly the ports of monitoring.yml, in each group', () => {
  const expected = groups.flatMap((GroupId) =>
    portRanges(monitoring).map(({ from, to }) => ({
      GroupId,
      IpProtocol: 'tcp',
      FromPort: from,
      ToPort: to,
      CidrIpv6: GIVEN.prometheusCidr,
      Description: 'prometheus-on-emr-dev: Prometheus reads the exporters',
    })),
  );
  expect(rulesOf(withAll).map(({ Properties }) => Properties)).toEqual(expected);
});

test('deployed, the ports are open; without the parameters they are closed again', () => {
  const account = createAccount({ clock: virtualClock(new Date('2026-11-22T10:00:00Z')), timings: QUICK });
  account.s3.createBucket(GIVEN.existingBucket);
  const runner = () => inProcess(async () => null);
  const deploy = (source: Template) => deployTemplate(source, { account, endpoint: 'http://127.0.0.1:4566', runner });
  const open = () => groups.map((id) => account.compute.securityGroups.find(id)?.ingress.length);
  deploy(withAll);
  expect(open()).toEqual(groups.map(() => portRanges(monitoring).length));
  deploy(template);
  expect(open()).toEqual(groups.map(() => 0));
});
