import type { Smoke } from './examined.ts';

/**
 * What mends a resource that somebody changed or deleted. A deploy of the same template does not: CloudFormation
 * compares template with template (AWSCloudFormation/latest/UserGuide/drift-aware-change-sets). docs/runbooks quote it.
 */
export const repair = ({ stack: { name }, place: { region } }: Smoke): string =>
  `somebody changed it beside CloudFormation, which a deploy of the same template does not see: aws cloudformation create-change-set --stack-name ${name} --change-set-name repair --use-previous-template --deployment-mode REVERT_DRIFT --capabilities CAPABILITY_IAM --region ${region}; look at it (describe-change-set), then execute-change-set`;
