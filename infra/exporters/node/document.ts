import type { DocumentParameter } from '../document-parameter.ts';
import { adopt, port, url } from '../document-parameter.ts';

/** Parameters of the install document. Which URLs there are depends on the lock. */
export const installParameters: Readonly<Record<string, DocumentParameter>> = {
  UrlAmd64: url('the release for x86_64'),
  UrlArm64: url('the release for aarch64'),
  Port: port,
  Adopt: adopt,
};
