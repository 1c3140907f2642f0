import { serveActor } from '../actor/index.js';
import { type Carrier, enterNetworkNamespaceOf, openTapDevice, type TapDevice } from './tap-device.js';

/** The ends of a cable: `near` is in the host where this module was started. */
export type End = 'near' | 'far';

const devices = new Map<End, TapDevice>();
const carriers: Record<End, Carrier> = { near: 'on', far: 'on' };

/** A cable of two TAP devices: carries each frame from one to the other, while both have carrier. */
const patch = serveActor(() => ({
  connect(nearInterface: string, far: { interface: string; pid: number }): void {
    devices.set('near', openTapDevice(nearInterface, carryTo('far')));
    enterNetworkNamespaceOf(far.pid);
    devices.set('far', openTapDevice(far.interface, carryTo('near')));
  },

  /** @returns CLOCK_MONOTONIC in nanoseconds, right before the kernel was asked. */
  setCarrier(end: End, carrier: Carrier): bigint {
    carriers[end] = carrier;
    const askedAt = process.hrtime.bigint();
    devices.get(end)?.setCarrier(carrier);
    return askedAt;
  },
}));

export type Patch = typeof patch;

function carryTo(end: End): (frame: Uint8Array) => void {
  return (frame) => {
    if (carriers.near === 'on' && carriers.far === 'on') devices.get(end)?.send(frame);
  };
}
