import type { EventSource, StreamedEvent } from '../../server/index.js';
import type { RecordStore, StoreChange } from '../../store/index.js';

/** Of the collections, those that are told of. */
const TOLD = new Set(['member', 'metrics', 'deregistered', 'outage']);

/** What changes in the ring, for those who listen to it: `event` is the collection, `data` is `{"key": …, "value": …}`, without a value where it has gone. */
export function ringEvents(store: RecordStore): EventSource {
  const listeners = new Set<(event: StreamedEvent) => void>();
  const onChange = (change: StoreChange): void => {
    if (!TOLD.has(change.collection)) return;
    // Made once, however many listen.
    const event = eventOf(change);
    for (const tell of listeners) tell(event);
  };
  return (tell) => {
    if (listeners.size === 0) store.on('change', onChange);
    listeners.add(tell);
    return () => {
      listeners.delete(tell);
      if (listeners.size === 0) store.off('change', onChange);
    };
  };
}

function eventOf({ collection, key, record }: StoreChange): StreamedEvent {
  return { event: collection, data: JSON.stringify({ key, value: record?.value }) };
}
