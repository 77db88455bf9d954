import { queryHandler } from './query-wire.ts';
import type { Surroundings } from './surroundings.ts';
import { WireFault, type WireHandler } from './wire.ts';

/** Of SNS's API: it tells its forms from other services'. */
export const SNS_VERSION = '2010-03-31';

/** Topics by ARN, each with its attributes. */
export type Topics = Map<string, Readonly<Record<string, string>>>;

/** The part of SNS that says whether a topic is there: docs: sns/latest/api/API_GetTopicAttributes */
export const snsHandler = (topics: Topics, world: Surroundings): WireHandler =>
  queryHandler(
    {
      name: 'sns',
      item: 'entry',
      namespace: `http://sns.amazonaws.com/doc/${SNS_VERSION}/`,
      operations: {
        GetTopicAttributes: {
          reads: ['TopicArn'],
          run(form) {
            const TopicArn = form.required('TopicArn');
            const attributes = topics.get(TopicArn);
            if (attributes === undefined) throw new WireFault('NotFound', 'Topic does not exist', 404);
            return { Attributes: Object.entries({ TopicArn, ...attributes }).map(([key, value]) => ({ key, value })) };
          },
        },
      },
    },
    world,
  );
