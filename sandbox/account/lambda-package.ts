import { basename, join } from 'node:path';
import type { Account } from './account.ts';
import { containers } from './lambda-container.ts';
import type { Runner } from './lambda.ts';
import { sessionOf } from './principals.ts';
import type { LambdaFunction } from './template-resources.ts';

export interface PackageOptions {
  /** Holds each function's package unpacked: `<function>/` beside `<function>.zip`; or where a function's code is. */
  readonly folder: string | ((code: LambdaFunction['Code']) => string);
  readonly account: Pick<Account, 'accountId' | 'region' | 'credentials' | 'permissions'>;
  /** Of the account's face: where the functions' SDK clients find AWS. */
  readonly endpoint: string;
  readonly s3Endpoint: string;
  /** CA file of the face's certificate, when it has one. */
  readonly caFile?: string;
  /** What reaches the log group: nothing does unless the function's role may write there. */
  readonly onLine: (functionName: string, line: string) => void;
}

/** A template that sets one of these does not deploy: docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const RESERVED =
  /^(?:_HANDLER|_X_AMZN_TRACE_ID|AWS_(?:DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_ACCESS_KEY(?:_ID)?|AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|AWS_LAMBDA_.*|LAMBDA_TASK_ROOT|LAMBDA_RUNTIME_DIR)$/;

/** Runs the packaged bundles, each in processes that see the template's environment and Lambda's own variables only. */
export function packagedRunner(options: PackageOptions): (name: string, settings: LambdaFunction) => Runner {
  return (name, settings) => {
    const folder =
      typeof options.folder === 'string'
        ? join(options.folder, basename(settings.Code.S3Key, '.zip'))
        : options.folder(settings.Code);
    return containers({
      folder,
      environment: environmentOf(name, folder, settings, options),
      onLine(line) {
        if (mayLog(options.account, settings.Role, name)) options.onLine(name, line);
      },
    });
  };
}

/** Lambda writes a function's log with the rights of its role. */
export function mayLog(
  { accountId, region, permissions }: PackageOptions['account'],
  role: string,
  name: string,
): boolean {
  const resource = `arn:aws:logs:${region}:${accountId}:log-group:/aws/lambda/${name}:log-stream:latest`;
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].every((action) =>
    permissions.isAllowed(sessionOf(role, name), { action, resource }),
  );
}

function environmentOf(name: string, folder: string, settings: LambdaFunction, options: PackageOptions) {
  const { account, endpoint, s3Endpoint, caFile } = options;
  const credentials = account.credentials.issue(sessionOf(settings.Role, name));
  const own = settings.Environment?.Variables ?? {};
  const forbidden = Object.keys(own).filter((variable) => RESERVED.test(variable));
  if (forbidden.length > 0) throw new Error(`template: ${name}: Lambda reserves the variables ${forbidden.join(', ')}`);
  return {
    ...own,
    _HANDLER: settings.Handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_DEFAULT_REGION: account.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${settings.Runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(settings.MemorySize),
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_FORMAT: settings.LoggingConfig?.LogFormat ?? 'Text',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: `${name}/[$LATEST]`,
    AWS_REGION: account.region,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    LAMBDA_TASK_ROOT: folder,
    LANG: 'en_US.UTF-8',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
    // Not Lambda's: they lead the SDK to the simulated account.
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: s3Endpoint,
    ...(caFile !== undefined && { NODE_EXTRA_CA_CERTS: caFile }),
  };
}
