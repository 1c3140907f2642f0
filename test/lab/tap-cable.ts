import type { Actor } from './actor/index.js';
import type { Cable, Port } from './cable.js';
import type { End, Patch } from './tap/patch.js';

/** Joins two hosts by TAP devices. */
export async function connectByTap(near: Port, far: Port): Promise<Cable> {
  const patch = await near.host.spawn<Patch>(new URL('./tap/patch.ts', import.meta.url));
  await patch.call('connect', near.interface, { interface: far.interface, pid: far.host.namespace.pid });
  await Promise.all([near, far].map((end) => end.host.configure(['link', 'set', 'dev', end.interface, 'up'])));
  return new TapCable(near, far, patch);
}

/** A pulled cable of TAP devices takes the carrier from the named end only, as if it were pulled between the host and a switch. */
class TapCable implements Cable {
  readonly ends: readonly [Port, Port];
  readonly #patch: Actor<Patch>;

  constructor(near: Port, far: Port, patch: Actor<Patch>) {
    this.ends = [near, far];
    this.#patch = patch;
  }

  pull(end: Port): Promise<bigint> {
    return this.#patch.call('setCarrier', this.#nameOf(end), 'off');
  }

  plugIn(end: Port): Promise<bigint> {
    return this.#patch.call('setCarrier', this.#nameOf(end), 'on');
  }

  #nameOf(end: Port): End {
    return end === this.ends[0] ? 'near' : 'far';
  }
}
