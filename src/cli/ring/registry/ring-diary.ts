import type { AlertEvent, JsonObject, RecordStore, StoreChange } from '../../../ring/index.js';
import type { RingLog } from '../ring-log.js';

/** What happened longer ago is not news: it comes from a Redis that has kept it. Milliseconds. */
const NEWS = 60_000;

/**
 * Writes down what happens in the ring: who comes and goes, who was offline, and how the store is.
 *
 * @param store that has been started.
 * @returns ends it.
 */
export function keepDiary(store: RecordStore, log: RingLog): () => void {
  const members = new Set(store.list('member').map(({ key }) => key));
  const onChange = (change: StoreChange): void => {
    if (change.collection === 'member') noteMember(change, { store, members, log });
    if (change.collection === 'outage') noteOutage(change, { store, log });
  };
  const onAway = (error: Error): void => log.write('warn', 'Redis is away', {}, error);
  const onBack = (): void => log.write('info', 'Redis is back');
  store.on('change', onChange);
  store.on('away', onAway);
  store.on('back', onBack);
  return () => {
    store.off('change', onChange);
    store.off('away', onAway);
    store.off('back', onBack);
  };
}

/** Writes an alert down, and that it is over. */
export function noteAlert({ event, alert: { key, level, message, missing } }: AlertEvent, log: RingLog): void {
  if (event === 'raised') log.write(level === 'error' ? 'error' : 'warn', message, { alert: key, missing });
  else log.write('info', 'alert resolved', { alert: key });
}

interface Diary {
  readonly store: RecordStore;
  readonly log: RingLog;
}

function noteMember({ key: id, record }: StoreChange, { store, members, log }: Diary & { members: Set<string> }): void {
  if (record !== undefined) {
    if (members.has(id)) return;
    members.add(id);
    log.write('info', 'member joined', { id, ...fieldsOf(record.value, ['location', 'ip', 'port']) });
    return;
  }
  if (!members.delete(id)) return;
  const left = store.get('deregistered', id);
  if (left === undefined) log.write('warn', 'member was not heard of any more', { id });
  else log.write('info', 'member left', { id, ...fieldsOf(left.value, ['location']) });
}

function noteOutage({ record }: StoreChange, { store, log }: Diary): void {
  if (record === undefined || store.now() - record.updatedAt > NEWS) return;
  log.write('warn', 'member was offline itself', fieldsOf(record.value, ['id', 'location', 'from', 'until', 'reason']));
}

/** Those that can stand in a log. */
function fieldsOf(value: JsonObject, names: readonly string[]): Record<string, string | number> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const field = value[name];
      return typeof field === 'string' || typeof field === 'number' ? [[name, field]] : [];
    }),
  );
}
