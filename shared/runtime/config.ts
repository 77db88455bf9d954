import { ConfigError } from '../core/errors.ts';
import type { Settings } from '../core/settings.ts';
import type { Documents } from '../ports.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** What differs from deployment to deployment; monitoring.yml's part is in Settings. */
export interface Config {
  readonly region: string;
  readonly bucket: string;
  readonly doorbellQueueUrl: string;
  readonly documents: Documents;
  /** The stack is about to be removed: the exporters are taken off all nodes. */
  readonly isRetiring: boolean;
}

/** S3's rules for general purpose buckets, without dots: a dotted name breaks virtual-hosted TLS. */
const BUCKET = { form: /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, expected: 'a bucket name without dots' };
/** SSM SendCommand, DocumentName. */
const DOCUMENT = { form: /^[\w\-.:/]{3,128}$/, expected: "an SSM document's name" };
const QUEUE_URL = { form: /^https?:\/\/\S+\/\S+$/, expected: 'the URL of an SQS queue' };
const YES_OR_NO = { form: /^(true|false)$/, expected: 'true or false' };
const WORD = { form: /^\S+$/, expected: 'one word' };

/** Reads the environment once and whole; one ConfigError names every problem. An empty variable is a missing one. */
export function readConfig(env: Env, settings: Settings): Config {
  const problems: string[] = [];
  const read = (name: string, { form, expected }: typeof WORD): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(`${name} is missing: expected ${expected}`);
    else if (!form.test(value)) problems.push(`${name} is "${value}": expected ${expected}`);
    return value;
  };
  const documents = settings.exporters.map(({ name }) => {
    const variable = `DOCUMENT_${name.toUpperCase().replaceAll('-', '_')}`;
    return [
      name,
      Object.freeze({
        install: read(`${variable}_INSTALL`, DOCUMENT),
        remove: read(`${variable}_UNINSTALL`, DOCUMENT),
      }),
    ] as const;
  });
  const config: Config = {
    region: read('AWS_REGION', WORD),
    bucket: read('BUCKET', BUCKET),
    doorbellQueueUrl: read('DOORBELL_QUEUE_URL', QUEUE_URL),
    documents: Object.freeze(Object.fromEntries(documents)),
    isRetiring: read('RETIRE', YES_OR_NO) === 'true',
  };
  if (problems.length > 0) throw new ConfigError(`environment: ${problems.join('; ')}`);
  return Object.freeze(config);
}
