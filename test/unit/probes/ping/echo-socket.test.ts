import { endianness } from 'node:os';
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FAILED, KernelClock, MessageBatch, READABLE, socketAddress } from '../../../../native/index.js';
import { checkedLibc } from '../../../../native/libc.js';
import type { EchoFlight } from '../../../../src/probes/ping/echo-flight.js';
import { EchoSeries } from '../../../../src/probes/ping/echo-series.js';
import { EchoSocket } from '../../../../src/probes/ping/echo-socket.js';
import { EchoRequestBuffer } from '../../../../src/probes/ping/icmp-echo.js';
import { controlMessage, type FakePacket, fakeCalls, receiveFrom } from '../../native/fake-calls.js';

const TARGET = Uint8Array.of(192, 0, 2, 1);
const MSG_ERRQUEUE = 0x2000;
const EPERM = 1;
const EAGAIN = 11;
const EHOSTUNREACH = 113;
const EREMOTEIO = 121;

let replies: FakePacket[];
let errors: FakePacket[];
let sent: Uint8Array[];
let socket: EchoSocket;
let flight: EchoFlight;
let counters: ConstructorParameters<typeof EchoSocket>[0]['counters'];
let progress: number;
let parts: ConstructorParameters<typeof EchoSocket>[0];
/** What comes while `replies` is being read. */
let lateReplies: FakePacket[];
/** What the kernel refuses the next packets with. */
let refusals: number[];
/** What the wall clock shows, in milliseconds since the epoch. */
let wall: () => number;

beforeEach(() => {
  replies = [];
  errors = [];
  sent = [];
  progress = 0;
  refusals = [];
  lateReplies = [];
  let refusal: number | undefined;
  wall = () => performance.timeOrigin + performance.now();
  const done = () => 0;
  const libc = checkedLibc(
    fakeCalls({
      socket: () => 3,
      setsockopt: done,
      getsockopt: done,
      clock_gettime: (_clock, timespec) => {
        timespec.set(timeOf(wall()));
        return 0;
      },
      close: done,
      errno: () => refusal ?? 0,
      sendto: (_fd, bytes) => {
        refusal = refusals.shift();
        if (refusal !== undefined) return -1;
        sent.push(Uint8Array.from(bytes));
        return bytes.length;
      },
      recvmmsg: (fd, headers, count, flags, timeout) => {
        const isError = (flags & MSG_ERRQUEUE) !== 0;
        const received = receiveFrom(isError ? errors : replies)(fd, headers, count, flags, timeout);
        if (!isError && replies.length === 0) replies.push(...lateReplies.splice(0));
        return received;
      },
    }),
  );
  counters = { sent: 0, received: 0, errors: 0, unexpected: 0, forged: 0 };
  const batch = new MessageBatch(libc, { messages: 4 });
  parts = { libc, batch, clock: new KernelClock(libc), counters };
  socket = new EchoSocket(parts, { family: 4 });
  flight = {
    series: new EchoSeries({ count: 100, interval: 1, timeout: 60_000 }, 0),
    ip: TARGET,
    to: socketAddress(TARGET),
    payloadSize: 16,
    sequences: new Uint16Array(100),
    onProgress: () => {
      progress += 1;
    },
  };
});

/** The reply to a request, with some bytes changed. */
function replyTo(request: Uint8Array = new Uint8Array(), changes: Readonly<Record<number, number>> = {}): Uint8Array {
  const bytes = Uint8Array.from(request);
  bytes[0] = 0;
  for (const [at, value] of Object.entries(changes)) bytes[Number(at)] = value;
  return bytes;
}

function from(ip: Uint8Array, bytes: Uint8Array): FakePacket {
  return { bytes, address: socketAddress(ip), control: Uint8Array.from(controlMessage(0, 2, [61, 0, 0, 0])) };
}

/** What else comes with an error of ICMP, from 192.0.2.254. */
function icmpError(type: number, code: number) {
  const error = [113, 0, 0, 0, 2, type, code, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 192, 0, 2, 254];
  return { address: socketAddress(TARGET), control: Uint8Array.from(controlMessage(0, 11, error)) };
}

/** struct timespec. */
function timeOf(milliseconds: number): Uint8Array {
  const seconds = Math.floor(milliseconds / 1_000);
  return new Uint8Array(new BigInt64Array([BigInt(seconds), BigInt(Math.floor((milliseconds % 1_000) * 1e6))]).buffer);
}

/** The reply to the first request, as received by the kernel at a time. */
function stamped(time: number): FakePacket {
  return { ...from(TARGET, replyTo(sent[0])), control: Uint8Array.from(controlMessage(1, 35, [...timeOf(time)])) };
}

describe.runIf(endianness() === 'LE')('a socket for echoes', () => {
  it('takes a reply for the answer to its request, once for the first and once for a duplicate', () => {
    socket.send(flight);
    replies.push(from(TARGET, replyTo(sent[0])), from(TARGET, replyTo(sent[0])));
    socket.onReady(READABLE);
    expect(flight.series.outcome()).toMatchObject({ sent: 1, received: 1, duplicates: 1, replyTtls: [61] });
    expect(counters).toMatchObject({ sent: 1, received: 2, forged: 0, unexpected: 0 });
    expect(progress).toBe(2);
  });

  it('reads all that is there, however much', () => {
    for (let index = 0; index < 100; index += 1) socket.send(flight);
    replies.push(...sent.map((request) => from(TARGET, replyTo(request))));
    socket.onReady(READABLE);
    expect(flight.series.outcome().received).toBe(100);
  });

  it('reads on where there was less for once, since only nothing means that nothing is left', () => {
    for (let index = 0; index < 8; index += 1) socket.send(flight);
    const later = sent.slice(3).map((request) => from(TARGET, replyTo(request)));
    // An error that comes meanwhile ends a batch early.
    lateReplies = later;
    replies.push(...sent.slice(0, 3).map((request) => from(TARGET, replyTo(request))));
    socket.onReady(READABLE);
    expect(flight.series.outcome().received).toBe(8);
  });

  it('reads as many as the largest receive buffer holds, of 8 MiB with 768 bytes for each packet', () => {
    const many = new EchoSeries({ count: 11_000, interval: 1, timeout: 60_000 }, 0);
    flight = { ...flight, series: many, sequences: new Uint16Array(11_000) };
    socket = new EchoSocket({ ...parts, batch: new MessageBatch(parts.libc) }, { family: 4 });
    for (let index = 0; index < 11_000; index += 1) socket.send(flight);
    replies.push(...sent.map((request) => from(TARGET, replyTo(request))));
    socket.onReady(READABLE);
    expect(many.outcome().received).toBe(11_000);
  });

  it('ignores what comes from another, is too long, too short, or has other random bytes', () => {
    socket.send(flight);
    const [request = new Uint8Array()] = sent;
    const reply = replyTo(request);
    replies.push(from(Uint8Array.of(192, 0, 2, 2), reply));
    replies.push(from(TARGET, Uint8Array.of(...reply, 0)));
    replies.push(from(TARGET, reply.subarray(0, reply.length - 1)));
    for (let at = 8; at < 16; at += 1)
      replies.push(from(TARGET, replyTo(request, { [at]: (request[at] ?? 0) ^ 0x80 })));
    socket.onReady(READABLE);
    expect(flight.series.outcome().received).toBe(0);
    expect(counters).toMatchObject({ received: 0, forged: 11 });
  });

  it('ignores a number that nobody waits for, or waits for no longer', () => {
    socket.send(flight);
    replies.push(from(TARGET, replyTo(sent[0], { 6: 0x77 })));
    socket.onReady(READABLE);
    socket.release(flight.sequences[0] ?? -1);
    replies.push(from(TARGET, replyTo(sent[0])));
    socket.onReady(READABLE);
    expect(counters).toMatchObject({ received: 0, unexpected: 2 });
  });

  it('takes an error that quotes 8 bytes of its request to that target, and none that quotes another', () => {
    const { control } = icmpError(3, 1);
    socket.send(flight);
    const [request = new Uint8Array()] = sent;
    const otherToken = Uint8Array.from(request);
    otherToken[8] = (otherToken[8] ?? 0) ^ 1;
    errors.push({ bytes: request.subarray(0, 8), address: socketAddress(Uint8Array.of(192, 0, 2, 2)), control });
    errors.push({ bytes: otherToken, address: socketAddress(TARGET), control });
    errors.push({ bytes: request.subarray(0, 7), address: socketAddress(TARGET), control });
    socket.onReady(FAILED);
    expect(counters.errors).toBe(0);
    errors.push({ bytes: request.subarray(0, 8), address: socketAddress(TARGET), control });
    socket.onReady(FAILED);
    expect(flight.series.outcome().errors).toEqual([
      { from: '192.0.2.254', type: 3, code: 1, meaning: 'host-unreachable', count: 1 },
    ]);
  });

  it('takes an error for its own although the router has filled the quotation up with zeros (RFC 4884)', () => {
    flight = { ...flight, payloadSize: 2 };
    socket.send(flight);
    errors.push({ bytes: Uint8Array.of(...(sent[0] ?? []), ...new Uint8Array(98)), ...icmpError(11, 0) });
    socket.onReady(FAILED);
    expect(flight.series.outcome().errors).toMatchObject([{ meaning: 'ttl-exceeded' }]);
  });

  it.each([
    ['a source quench', 4],
    ['a redirect', 5],
  ])('still waits after %s: the packet is on its way', (_, type) => {
    socket.send(flight);
    errors.push({ bytes: sent[0] ?? new Uint8Array(), ...icmpError(type, 1) });
    replies.push(from(TARGET, replyTo(sent[0])));
    socket.onReady(FAILED);
    expect(flight.series.outcome()).toMatchObject({ received: 1, errors: [] });
    expect(counters.errors).toBe(0);
  });

  it('sends a packet although the kernel names the error of another one first', () => {
    refusals = [EHOSTUNREACH, EREMOTEIO];
    socket.send(flight);
    expect(sent.length).toBe(1);
    expect(flight.series.outcome()).toMatchObject({ sent: 1, sendError: undefined });
  });

  it('keeps a request for later where the send buffer is full: it may be full of what others wait for', () => {
    refusals = [EAGAIN];
    expect(socket.send(flight)).toBe('later');
    expect(flight.series.outcome()).toMatchObject({ sent: 0, sendError: undefined });
    expect(flight.series.isOver).toBe(false);
    expect(socket.send(flight)).toBe('done');
    replies.push(from(TARGET, replyTo(sent[0])));
    socket.onReady(READABLE);
    expect(flight.series.outcome()).toMatchObject({ sent: 1, received: 1 });
  });

  it('takes an error that stays, and one that ICMP does not bring, for that of the packet', () => {
    refusals = [EPERM];
    socket.send(flight);
    expect(flight.series.outcome()).toMatchObject({ sent: 0, sendError: { code: 'EPERM' } });
    refusals = new Array(100).fill(EHOSTUNREACH);
    flight = { ...flight, series: new EchoSeries({ count: 100, interval: 1, timeout: 60_000 }, 0) };
    socket.send(flight);
    expect(flight.series.outcome()).toMatchObject({ sent: 0, sendError: { code: 'EHOSTUNREACH' } });
    expect(refusals.length).toBeGreaterThan(90);
  });

  it('measures by the time at which the kernel received a reply', () => {
    socket.send(flight);
    replies.push(stamped(wall() + 500));
    socket.onReady(READABLE);
    expect(flight.series.outcome().samples[0]).toBeGreaterThanOrEqual(499.9);
  });

  it('measures by the kernel also where a long request took its time to be written', () => {
    const { write } = EchoRequestBuffer.prototype;
    const slow = vi.spyOn(EchoRequestBuffer.prototype, 'write').mockImplementationOnce(function (
      this: EchoRequestBuffer,
      identity,
    ) {
      const end = performance.now() + 5;
      while (performance.now() < end);
      write.call(this, identity);
    });
    socket.send(flight);
    slow.mockRestore();
    replies.push(stamped(wall() + 500));
    socket.onReady(READABLE);
    expect(flight.series.outcome().samples[0]).toBeGreaterThanOrEqual(499.9);
  });

  it.each([3_600_000, -3_600_000, 700, -700])(
    'is not misled by a wall clock that is set by %d ms meanwhile',
    (step) => {
      socket.send(flight);
      wall = () => performance.timeOrigin + performance.now() + step;
      replies.push(stamped(wall()));
      socket.onReady(READABLE);
      const [rtt = Number.NaN] = flight.series.outcome().samples;
      expect(rtt).toBeGreaterThanOrEqual(0);
      expect(rtt).toBeLessThan(500);
    },
  );

  it('has lost what the kernel received too late, by its clock and not by ours', () => {
    socket.send(flight);
    replies.push(stamped(wall() + 60_001));
    socket.onReady(READABLE);
    expect(flight.series.outcome().received).toBe(0);
    expect(counters).toMatchObject({ received: 0, unexpected: 1 });
  });

  it('counts nothing for a reply, whatever bytes come from whomever', () => {
    const bytes = fc.uint8Array({ maxLength: 80 });
    const packet = fc.record({
      bytes,
      address: fc.uint8Array({ maxLength: 28 }),
      control: fc.uint8Array({ maxLength: 256 }),
    });
    socket.send(flight);
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 8 }), fc.array(packet, { maxLength: 8 }), (someReplies, someErrors) => {
        replies.push(...someReplies);
        errors.push(...someErrors);
        socket.onReady(READABLE | FAILED);
        expect(counters).toMatchObject({ received: 0, errors: 0 });
      }),
      { numRuns: 1_000 },
    );
  });
});
