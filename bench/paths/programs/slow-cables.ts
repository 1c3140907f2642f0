import { serveActor } from '../../../test/lab/actor/serve.js';
import { enterNetworkNamespaceOf, openTapDevice, type TapDevice } from '../../../test/lab/tap/tap-device.js';

/** An end of a cable: a TAP device to be made in the network namespace of a process. */
export interface CableEnd {
  readonly interface: string;
  readonly pid: number;
}

/** Cables between hosts on which each frame takes so many milliseconds, in both directions. */
const cables = serveActor(() => ({
  connect(near: CableEnd, far: CableEnd, delay: number): void {
    const devices: Partial<Record<'near' | 'far', TapDevice>> = {};
    // The timers of one length go off in the order in which they were set: nothing overtakes.
    const carryTo = (end: 'near' | 'far') => (frame: Uint8Array) => {
      setTimeout(() => devices[end]?.send(frame), delay);
    };
    enterNetworkNamespaceOf(near.pid);
    devices.near = openTapDevice(near.interface, carryTo('far'));
    enterNetworkNamespaceOf(far.pid);
    devices.far = openTapDevice(far.interface, carryTo('near'));
  },
}));

export type SlowCables = typeof cables;
