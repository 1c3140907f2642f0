/** Has this process believe that it is another time, as where a clock was set wrong; monotonic clocks stay as they are. */
export class ShiftedClock {
  /** Milliseconds by which `Date` is ahead of the true time. */
  offset = 0;

  constructor() {
    const now = () => trueNow() + this.offset;
    globalThis.Date = new Proxy(Date, {
      construct: (date, args, newTarget) => Reflect.construct(date, args.length === 0 ? [now()] : args, newTarget),
      get: (date, name) => (name === 'now' ? now : Reflect.get(date, name)),
    });
  }
}

const trueNow = Date.now;
