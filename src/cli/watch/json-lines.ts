import { printJson } from '../output.js';
import type { Presenter } from './presenter.js';
import type { Moment, WatchEvent } from './watch-event.js';

/** Every event as one line of JSON, and once, when the first is taken, a sample of all that is there. */
export class JsonLines implements Presenter {
  #hasBegun = false;

  show(event: WatchEvent): void {
    if (event.kind !== 'sample') printJson(toRecord(event));
    else if (!this.#hasBegun) {
      this.#hasBegun = true;
      const { snapshot, ...rest } = event.sample;
      printJson({ ...stamp(event), event: 'snapshot', ...snapshot, ...rest });
    }
  }

  close(): void {}
}

/** An event as programs get it. */
function toRecord(event: Exclude<WatchEvent, { readonly kind: 'sample' }>): object {
  const { kind } = event;
  if (kind === 'error') return { ...stamp(event), event: kind, message: event.message };
  if (kind === 'check') return { ...stamp(event), event: kind, ...event.result };
  if (kind === 'link') return { ...stamp(event), event: kind, ...event.change };
  const { at: _, ...change } = event.change;
  return { ...stamp(event), event: kind, ...change };
}

function stamp({ at }: Moment): { readonly time: string } {
  return { time: new Date(at).toISOString() };
}
