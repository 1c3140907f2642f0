import { printJson } from '../output.js';
import { isoTime, withIsoTimes } from '../text/iso-time.js';
import type { Presenter } from './presenter.js';
import type { Moment, WatchEvent } from './watch-event.js';

type Happening = Exclude<WatchEvent, { readonly kind: 'sample' }>;

/** First a snapshot of all that is there, then every event, each as one line of JSON. */
export class JsonLines implements Presenter {
  /** What happened before there was a snapshot; undefined when there has been one. */
  #held: Happening[] | undefined = [];

  show(event: WatchEvent): void {
    if (event.kind === 'sample') this.#begin(event);
    else if (this.#held === undefined) printJson(toRecord(event));
    else this.#held.push(event);
  }

  close(): void {
    // Where nothing could be read, what was wrong is all that there is to tell.
    this.#release();
  }

  #begin(event: Exclude<WatchEvent, Happening>): void {
    if (this.#held === undefined) return;
    const { snapshot, ...rest } = event.sample;
    printJson({ ...stamp(event), event: 'snapshot', ...withIsoTimes(snapshot), ...rest });
    this.#release();
  }

  #release(): void {
    for (const event of this.#held ?? []) printJson(toRecord(event));
    this.#held = undefined;
  }
}

/** An event as programs get it. */
function toRecord(event: Happening): object {
  const { kind } = event;
  if (kind === 'error') return { ...stamp(event), event: kind, message: event.message };
  if (kind === 'check') return { ...stamp(event), event: kind, ...event.result };
  if (kind === 'link') return { ...stamp(event), event: kind, ...event.change };
  const { at: _, ...change } = event.change;
  return { ...stamp(event), event: kind, ...change };
}

function stamp({ at }: Moment): { readonly time: string } {
  return { time: isoTime(at) };
}
