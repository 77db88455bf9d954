import { GetPolicyCommand, paginateSimulatePrincipalPolicy } from '@aws-sdk/client-iam';
import { awsCode, everyItem } from '../../shared/aws/aws-error.ts';
import { repair } from './repair.ts';
import { type Check, ok, problem, red, skipped, verdict } from './check.ts';
import { deniedNeeds, type Need, roleNeeds, sendNeeds } from './role-needs.ts';
import { physicalId, type Smoke } from './examined.ts';
import { counted } from '../text-table.ts';

interface Denial {
  readonly action: string;
  readonly need: Need;
  readonly decision: string;
}

const roles: Check = {
  id: 'roles',
  says: 'each role allows what its function needs',
  needs: ['iam:SimulatePrincipalPolicy'],
  async run(smoke) {
    const wanted = Object.entries(roleNeeds(smoke));
    const denials = await Promise.all(wanted.map(([role, needs]) => denialsOf(smoke, role, needs)));
    const asked = wanted.flatMap(([, needs]) => needs.flatMap(({ actions }) => actions)).length;
    return verdict(`${counted(wanted.length, 'role')}, ${asked} questions`, denials.flat());
  },
};

const sendCommand: Check = {
  id: 'send-command',
  says: 'orders go to nodes of EMR clusters only, and by our documents only',
  needs: ['iam:SimulatePrincipalPolicy'],
  async run(smoke) {
    const may = ['OnEventRole', 'SweepRole'];
    const denials = await Promise.all(may.map((role) => denialsOf(smoke, role, sendNeeds(smoke))));
    const tooMuch = await Promise.all(
      [...may, 'BackfillRole'].map(async (role) =>
        (await decide(smoke, role, deniedNeeds(smoke)))
          .filter(({ decision }) => decision === 'allowed')
          .map(({ need }) => problem(`${role} may send to ${need.resource}`, repair(smoke))),
      ),
    );
    return verdict('allowed with the tag of a cluster, denied without', [...denials.flat(), ...tooMuch.flat()]);
  },
};

async function denialsOf(smoke: Smoke, role: string, needs: readonly Need[]) {
  const decisions = await decide(smoke, role, needs);
  return decisions
    .filter(({ decision }) => decision !== 'allowed')
    .map(({ action, need: { resource }, decision }) =>
      problem(
        `${role} may not ${action} on ${resource} (${decision})`,
        decision === 'explicitDeny'
          ? 'a boundary or a policy of the organisation denies it: ask who owns it'
          : repair(smoke),
      ),
    );
}

/** One resource a call: of several IAM answers only together. */
async function decide(smoke: Smoke, role: string, needs: readonly Need[]): Promise<readonly Denial[]> {
  const {
    clients: { iam },
    stack,
    place,
  } = smoke;
  const name = physicalId(stack, role);
  if (name === undefined)
    return needs.map((need) => ({ action: need.actions.join(', '), need, decision: 'the role is missing' }));
  const PolicySourceArn = `arn:${stack.partition}:iam::${stack.accountId}:role/${name}`;
  /** A simulation knows neither by itself. */
  const here = { 'aws:RequestedRegion': place.region, 'aws:ResourceAccount': stack.accountId };
  const decisions: Denial[] = [];
  for (const need of needs) {
    const results = await everyItem(
      'iam:SimulatePrincipalPolicy',
      paginateSimulatePrincipalPolicy(
        { client: iam },
        {
          PolicySourceArn,
          ActionNames: [...need.actions],
          ResourceArns: [need.resource],
          ContextEntries: Object.entries({ ...here, ...need.context }).map(([ContextKeyName, value]) => ({
            ContextKeyName,
            ContextKeyValues: [value],
            ContextKeyType: 'string' as const,
          })),
        },
      ),
      ({ EvaluationResults }) => EvaluationResults,
    );
    decisions.push(
      ...results.map(({ EvalActionName = '', EvalDecision = '' }) => ({
        action: EvalActionName,
        need,
        decision: EvalDecision,
      })),
    );
  }
  return decisions;
}

const sidecarPolicy: Check = {
  id: 'sidecar-policy',
  says: "the sidecar's policy is attached to somebody",
  needs: ['iam:GetPolicy'],
  run: (smoke) => attached(smoke, 'SidecarPolicy', "<the Prometheus host's role>"),
};

async function attached(smoke: Smoke, logicalId: string, whom: string) {
  const { clients, stack } = smoke;
  const PolicyArn = physicalId(stack, logicalId);
  if (PolicyArn === undefined) return skipped(`the stack has no ${logicalId}`);
  try {
    const { Policy: { AttachmentCount = 0 } = {} } = await clients.iam.send(new GetPolicyCommand({ PolicyArn }));
    if (AttachmentCount > 0) return ok(`${PolicyArn}: ${counted(AttachmentCount, 'attachment')}`);
    return red(
      `${PolicyArn} is attached to nobody`,
      `aws iam attach-role-policy --role-name ${whom} --policy-arn ${PolicyArn}`,
    );
  } catch (error) {
    if (awsCode(error) !== 'NoSuchEntityException' && awsCode(error) !== 'NoSuchEntity') throw error;
    return red(`${PolicyArn} does not exist`, repair(smoke));
  }
}

export const ROLE_CHECKS: readonly Check[] = [roles, sendCommand, sidecarPolicy];
