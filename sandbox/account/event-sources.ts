import type { Clock } from './clock.ts';
import { type EventSourceSettings, mapQueue } from './event-source.ts';
import type { Lambda } from './lambda.ts';
import type { Sqs } from './sqs.ts';

/** A Lambda event source mapping as it stands. */
interface EventSource {
  readonly uuid: string;
  readonly functionArn: string;
  readonly settings: EventSourceSettings;
  readonly enabled: boolean;
}

export interface EventSources {
  /** The answer deletes it. */
  create(source: EventSource): () => void;
  setEnabled(uuid: string, enabled: boolean): void;
  all(): readonly EventSource[];
}

/** docs: lambda/latest/api/API_CreateEventSourceMapping. */
export function createEventSources(sqs: Sqs, clock: Clock, lambda: Lambda): EventSources {
  const sources = new Map<string, { readonly source: EventSource; readonly end: () => void }>();
  const enter = (source: EventSource): void => {
    const { functionArn, settings, enabled } = source;
    const end = enabled
      ? mapQueue(sqs, clock, settings, (event) => lambda.invoke(functionArn, event))
      : () => undefined;
    sources.set(source.uuid, { source, end });
  };
  return {
    create(source) {
      enter(source);
      return () => {
        sources.get(source.uuid)?.end();
        sources.delete(source.uuid);
      };
    },
    setEnabled(uuid, enabled) {
      const found = sources.get(uuid);
      if (found === undefined) throw new Error(`there is no event source mapping ${uuid}`);
      found.end();
      enter({ ...found.source, enabled });
    },
    all: () => [...sources.values()].map(({ source }) => source),
  };
}
