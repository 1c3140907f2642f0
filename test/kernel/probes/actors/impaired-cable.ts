import { serveActor } from '../../../lab/index.js';
import { enterNetworkNamespaceOf, openTapDevice, type TapDevice } from '../../../lab/tap/tap-device.js';

/** What is done to the echo replies of IPv4 on their way to the near end. Probabilities are 0 to 1, times are in milliseconds. */
export interface Impairment {
  readonly seed: number;
  readonly loss?: number;
  readonly duplicate?: number;
  readonly delay?: number;
  /** Added to the delay, of evenly distributed length: what is behind may overtake what is before. */
  readonly jitter?: number;
  /** Sends, before each reply, what somebody might make up who can read all that passes. */
  readonly forge?: boolean;
}

/** What was done. */
export interface ImpairmentCount {
  readonly replies: number;
  readonly lost: number;
  readonly duplicated: number;
  /** How many were delivered behind one that had come later. */
  readonly reordered: number;
}

let near: TapDevice | undefined;
let far: TapDevice | undefined;
let impairment: Impairment = { seed: 1 };
let random = generator(1);
let count = { replies: 0, lost: 0, duplicated: 0, reordered: 0 };
let latest = -1;

/** A cable between two hosts that does to echo replies what networks do to them. All else passes as it is. */
const actor = serveActor(() => ({
  connect(nearInterface: string, there: { interface: string; pid: number }): void {
    near = openTapDevice(nearInterface, (frame) => far?.send(frame));
    enterNetworkNamespaceOf(there.pid);
    far = openTapDevice(there.interface, (frame) => {
      if (isEchoReply(frame)) deliver(Uint8Array.from(frame));
      else near?.send(frame);
    });
  },

  impair(wanted: Impairment): void {
    impairment = wanted;
    random = generator(wanted.seed);
    count = { replies: 0, lost: 0, duplicated: 0, reordered: 0 };
    latest = -1;
  },

  count: (): ImpairmentCount => count,
}));

export type ImpairedCable = typeof actor;

function deliver(frame: Uint8Array): void {
  const { loss = 0, duplicate = 0, delay = 0, jitter = 0, forge = false } = impairment;
  const order = count.replies;
  count.replies += 1;
  if (forge) for (const forged of forgeries(frame)) near?.send(forged);
  // Always as many numbers for a frame, so that each frame's fate depends on the seed alone.
  const [isLost, isDoubled, wait] = [random() < loss, random() < duplicate, delay + jitter * random()];
  if (isLost) {
    count.lost += 1;
    return;
  }
  if (wait === 0) send(frame, order, isDoubled);
  else setTimeout(() => send(frame, order, isDoubled), wait);
}

function send(frame: Uint8Array, order: number, isDoubled: boolean): void {
  if (order < latest) count.reordered += 1;
  latest = Math.max(latest, order);
  near?.send(frame);
  if (!isDoubled) return;
  count.duplicated += 1;
  near?.send(frame);
}

// Ethernet II, IPv4 without options, ICMP
const IP = 14;
const ICMP = IP + 20;

function isEchoReply(frame: Uint8Array): boolean {
  return frame[12] === 0x08 && frame[13] === 0x00 && frame[IP] === 0x45 && frame[IP + 9] === 1 && frame[ICMP] === 0;
}

/** From another address, with other random bytes, too short, and with a number that nobody waits for. */
function forgeries(frame: Uint8Array): Uint8Array[] {
  const fromAnother = Uint8Array.from(frame);
  fromAnother[IP + 15] = ((fromAnother[IP + 15] ?? 0) + 1) & 0xff;
  const otherBytes = Uint8Array.from(frame);
  otherBytes[ICMP + 15] = (otherBytes[ICMP + 15] ?? 0) ^ 1;
  const tooShort = frame.slice(0, frame.length - 4);
  new DataView(tooShort.buffer).setUint16(IP + 2, tooShort.length - IP);
  const unasked = Uint8Array.from(frame);
  unasked[ICMP + 6] = (unasked[ICMP + 6] ?? 0) ^ 0x80;
  return [fromAnother, otherBytes, tooShort, unasked].map(withChecksums);
}

function withChecksums(frame: Uint8Array): Uint8Array {
  const view = new DataView(frame.buffer);
  view.setUint16(IP + 10, 0);
  view.setUint16(IP + 10, checksum(frame.subarray(IP, ICMP)));
  view.setUint16(ICMP + 2, 0);
  view.setUint16(ICMP + 2, checksum(frame.subarray(ICMP)));
  return frame;
}

/** RFC 1071. */
function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [at, byte] of bytes.entries()) sum += at % 2 === 0 ? byte << 8 : byte;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** mulberry32: small, and the same everywhere. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
