import type { Identity } from '../aws/identity.ts';
import type { DeployedStack } from '../aws/stack.ts';
import type { Place } from '../place-options.ts';
import { runbookWords } from './runbook-words.ts';

interface Deployed {
  readonly place: Place;
  readonly identity: Identity;
  readonly stack: DeployedStack;
  readonly values: Readonly<Record<string, string>>;
}

/** What is there now, and what is left to do by hand, with the commands. */
export function deploySummary({ place, identity, stack, values }: Deployed): string {
  const { region } = place;
  const options = `--stage ${place.stage} --region ${region}`;
  const { BucketName: bucket = '', NodePolicyArn: nodes, SidecarPolicyArn: sidecar } = stack.outputs;
  const managed = `arn:${identity.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore`;
  return `
${stack.name} is deployed to ${region}: ${stack.status}
  bucket     ${bucket}
  functions  ${['OnEvent', 'Sweep', 'Backfill'].map((name) => stack.outputs[`${name}FunctionName`]).join(', ')}

Once, on the clusters' side:
  1. Let the nodes' agents register (EMR_EC2_DefaultRole: the role of your clusters' instance profile). One of these;
     none where SSM's Default Host Management is on
${attach('EMR_EC2_DefaultRole', [nodes, managed])}
  2. ${ports(values, options)}

Once, on the Prometheus host (npm run deploy:host -- --stage ${place.stage} --region ${region} --param subnet=subnet-… makes one: docs/host.md):
  3. Let it read the target files (its own role's name in place of PROMETHEUS_ROLE; sidecar/README.md
     says how a host without one gets it)
${attach('PROMETHEUS_ROLE', [sidecar])}
  4. Install the sidecar
     npx node scripts/package/bundle-sidecar.ts
     sudo infra/host/install-sidecar.sh --bucket ${bucket} --region ${region} --node "$(npx which node)" --bundle build/sidecar/prometheus-on-emr-sidecar.mjs
${runbookWords(values['runbookUrl'] ?? '', place)}
Then
  npm run smoke -- --cluster j-… ${options}   # is everything as it has to be?
  npm run status -- ${options}                # what is where`;
}

const attach = (role: string, policies: readonly (string | undefined)[]): string =>
  policies
    .flatMap((arn) =>
      arn === undefined ? [] : [`     aws iam attach-role-policy --role-name ${role} --policy-arn ${arn}`],
    )
    .join('\n');

function ports({ clusterSecurityGroups: groups = '', ...values }: Deployed['values'], options: string): string {
  const source = values['prometheusSecurityGroup'] || values['prometheusCidr'];
  if (groups !== '' && source) return `The exporters' ports are open to ${source} in ${groups}: nothing to do`;
  return `Open the exporters' ports to the Prometheus host (docs/network.md says more, and how to do it yourself)
     npm run deploy -- ${options} --param prometheusSecurityGroup=sg-… --param clusterSecurityGroups=sg-…,sg-…`;
}
