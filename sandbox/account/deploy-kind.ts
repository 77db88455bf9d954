import * as z from 'zod/mini';
import type { Alarms } from './alarms.ts';
import type { Undo } from './cloudformation-model.ts';
import type { Clock } from './clock.ts';
import type { Compute } from './compute.ts';
import type { EventSources } from './event-sources.ts';
import type { Events } from './events.ts';
import type { Lambda, Runner } from './lambda.ts';
import type { Logs } from './logs-wire.ts';
import type { Permissions } from './permissions.ts';
import type { S3 } from './s3.ts';
import type { Sqs } from './sqs.ts';
import type { LambdaFunction } from './template-resources.ts';

/** The services that resources are made in. */
export interface Services {
  readonly accountId: string;
  readonly region: string;
  readonly clock: Clock;
  /** EMR, EC2 and SSM. */
  readonly compute: Compute;
  readonly s3: S3;
  readonly sqs: Sqs;
  readonly events: Events;
  readonly lambda: Lambda;
  readonly eventSources: EventSources;
  /** Of the functions; what they really write, the runner's `onLine` is told. */
  readonly logs: Logs;
  /** CloudWatch; of what functions log, the embedded metrics have to be put there. */
  readonly alarms: Alarms;
  readonly permissions: Permissions;
}

/** What runs a function: the packaged bundle, or code of this process. */
export type RunnerOf = (name: string, settings: LambdaFunction) => Runner;

export interface Creation {
  readonly account: Services;
  readonly runner: RunnerOf;
  readonly name: string;
  /** docs: AWSCloudFormation/latest/UserGuide/aws-properties-resource-tags */
  readonly systemTags: Readonly<Record<string, string>>;
  readonly attributes: Readonly<Record<string, string>>;
  /** Not an update of one that is there. */
  readonly isNew: boolean;
}

/** A type of resource. */
export interface Kind {
  /** Properties that the account neither models nor leaves aside on purpose. */
  unmodelled(properties: unknown): readonly string[];
  /** Creates it; throws why the service refuses. */
  put(properties: unknown, creation: Creation): Undo;
  /** `put` changes one that is there. Any other is taken back, and made again. */
  readonly isUpdatable: boolean;
}

export const kind = <Schema extends z.ZodMiniType>(
  schema: Schema,
  put: (properties: z.output<Schema>, creation: Creation) => Undo,
  isUpdatable = false,
): Kind => ({
  isUpdatable,
  unmodelled: (properties) =>
    (z.safeParse(schema, properties).error?.issues ?? []).flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key].join('.')) : [],
    ),
  put(properties, creation) {
    const read = z.safeParse(schema, properties);
    if (read.success) return put(read.data, creation);
    const problems = read.error.issues.map(
      (issue) =>
        `#/${issue.path.join('/')}: ${issue.message}, expected ${'expected' in issue ? issue.expected : issue.code}`,
    );
    throw new Error(`Properties validation failed for resource ${creation.name} with message: ${problems.join('; ')}`);
  },
});

/** Changes nothing that is simulated. */
export const inert = (schema: z.ZodMiniType): Kind => kind(schema, () => () => undefined, true);

export const arnOf = ({ attributes }: Creation): string => attributes['Arn'] ?? '';
