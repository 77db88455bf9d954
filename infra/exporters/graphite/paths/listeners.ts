import { area, counter, essential, gauge, leftOut, otherStatistics, timed, type Area } from './table.ts';

const labels = { queue: '$2' };

export const listeners: Area = area('Listeners', {
  of: 'driver',
  source: 'LiveListenerBus',
  metrics: [
    essential(counter('spark_listener_events_total', 'numEventsPosted.count', 'none', 'Events given to the queues.')),
    essential(gauge('spark_listener_queue_events', 'queue.*.size', 'none', 'Events in the queue.', labels)),
    essential(
      counter(
        'spark_listener_queue_dropped_events_total',
        'queue.*.numDroppedEvents.count',
        'none',
        "Events for which the queue had no room: the history, Spark's pages and dynamic allocation are wrong from then on.",
        labels,
      ),
    ),
    ...timed(
      'spark_listener_queue_processing_seconds',
      'queue.*.listenerProcessingTime',
      'spark_listener_queue_processed_events_total',
      'Events that went through the queue',
      labels,
    ),
  ],
  leftOut: [
    otherStatistics('queue.*.listenerProcessingTime'),
    leftOut(
      'listenerProcessingTime.**',
      'a timer for each class that listens: the queues have their sums',
      'LiveListenerBus[.]listenerProcessingTime',
    ),
  ],
});
