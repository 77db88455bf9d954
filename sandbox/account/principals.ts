/** Who sets things up: CloudFormation, the tests, a person with all rights. */
export const administrator = (accountId: string): string =>
  `arn:aws:sts::${accountId}:assumed-role/Administrator/person`;

/** `arn:aws:iam::<account>:role/<name>` of a session or of the role itself. */
export const roleOf = (principal: string): string =>
  principal.replace(/^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\/.*$/, 'arn:$1:iam::$2:role/$3');

/** `arn:aws:sts::<account>:assumed-role/<name>/<session>`. */
export const sessionOf = (roleArn: string, session: string): string =>
  roleArn.replace(/^arn:([^:]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/, `arn:$1:sts::$2:assumed-role/$3/${session}`);
