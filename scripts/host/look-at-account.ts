import { ConfigError } from '../../shared/core/errors.ts';
import { throwProblems } from '../all-problems.ts';
import { whoAmI } from '../aws/identity.ts';
import { notDeployed } from '../aws/in-words.ts';
import { type DeployedStack, findStack, hostStackName } from '../aws/stack.ts';
import { chooseValues, wrongValues } from '../package/stack-parameters.ts';
import type { Place } from '../place-options.ts';
import { checkDeployable } from '../stack-status.ts';
import type { Say } from '../step.ts';
import { checkHost } from './check-host.ts';
import { type HostParameter, hostParameters, PAGE } from './host-template.ts';

interface Asked {
  readonly place: Place;
  readonly template: string;
  /** Without what is wrong. */
  readonly given: Readonly<Record<string, string>>;
  readonly wrong: ReadonlySet<string>;
  readonly say: Say;
}

/** What is deployed, and whether the account takes what is wanted: all of it before anything is created. */
export async function lookAtAccount({ place, template, given, wrong, say }: Asked) {
  const identity = await whoAmI(place);
  say(`  account ${identity.accountId}, as ${identity.arn}`);
  const main = await findMain(place);
  const name = hostStackName(place);
  const before = await findStack(place, name);
  checkDeployable(before, place, `aws cloudformation delete-stack --stack-name ${name} --region ${place.region}`);
  const parameters = hostParameters(template, main.parameters['AlarmTopic'] ?? '');
  const { VolumeGiB: madeGiB, ...kept } = before?.parameters ?? {};
  const chosen = chooseValues(parameters, { given, ofStage: {}, deployed: kept });
  throwProblems([...wrongValues(parameters, withoutEmpty(chosen.values), PAGE).values()]);
  for (const one of chosen.kept.filter((parameter) => !wrong.has(parameter)))
    say(`  ${one} stays ${chosen.values[one]}, as it is deployed`);
  const wanted = chosen.values as Readonly<Record<HostParameter, string>>;
  const wantedGiB = given['volumeGiB'] === undefined ? undefined : Number(given['volumeGiB']);
  const { subnet, volume } = await checkHost({ place, identity, before, values: wanted, wantedGiB, wrong, say });
  const asParameters = Object.fromEntries(parameters.map(({ id, name: key }) => [id, chosen.values[key] ?? '']));
  // In the stack it stays what the volume was made with: growData.
  const size = madeGiB === undefined ? {} : { VolumeGiB: madeGiB };
  const where = { VpcId: subnet?.vpcId ?? '', AvailabilityZone: subnet?.zone ?? '' };
  return { before, main, values: { ...asParameters, ...size, ...where }, wantedGiB, volume };
}

/** The deployment whose clusters it will watch. */
async function findMain(place: Place): Promise<DeployedStack> {
  const main = await findStack(place);
  if (main === undefined) throw new ConfigError(notDeployed(place));
  const missing = ['BucketName', 'SidecarPolicyArn'].filter((output) => main.outputs[output] === undefined);
  if (missing.length === 0) return main;
  const deploy = `npm run deploy -- --stage ${place.stage} --region ${place.region}`;
  throw new ConfigError(
    `the stack ${main.name} (${main.status}) has no output ${missing.join(', ')}: ${deploy}, then again`,
  );
}

/** CloudFormation takes an empty value for those that may be. `subnet` is asked for by name. */
const withoutEmpty = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
