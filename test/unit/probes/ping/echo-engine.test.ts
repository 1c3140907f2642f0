import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Libc, loadNative, READABLE, socketAddress } from '../../../../native/index.js';
import { EchoEngine, type EchoRequest } from '../../../../src/probes/ping/echo-engine.js';
import { controlMessage, type FakePacket, receiveFrom } from '../../native/fake-calls.js';

const MSG_ERRQUEUE = 0x2000;
const EVENT_LENGTH = process.arch === 'x64' ? 12 : 16;
const NEVER = new AbortController().signal;

let engine: EchoEngine;
let sent: { bytes: Uint8Array; at: number }[];
let replies: FakePacket[];
let onSend: () => void;
/** What happens when the engine looks whether anything has come, before it is told. */
let onLook: () => void;

/** A kernel in which all is real but ICMP: its sockets are those of UDP, which send nothing, and receive what the tests say. */
function kernelWith(real: Libc): Libc {
  let icmpFd = -1;
  return {
    ...real,
    addressOf: () => 0n,
    socket: (domain, type, protocol) => {
      const fd = real.socket(domain, type, 0);
      if (protocol !== 0) icmpFd = fd;
      return fd;
    },
    sendto: (_fd, bytes) => {
      sent.push({ bytes: Uint8Array.from(bytes), at: Date.now() });
      onSend();
      return bytes.length;
    },
    recvmmsg: (fd, headers, count, flags) =>
      receiveFrom((flags & MSG_ERRQUEUE) === 0 ? replies : [])(fd, headers, count, flags, null),
    epollPoll: (_fd, events) => {
      const isReadable = replies.length > 0;
      onLook();
      const event = new DataView(events.buffer);
      event.setUint32(0, READABLE, true);
      event.setUint32(EVENT_LENGTH - 8, icmpFd, true);
      return isReadable ? 1 : 0;
    },
  };
}

beforeEach(async () => {
  const native = await loadNative();
  if (!native.supported) throw new Error(native.reason);
  engine = new EchoEngine(async () => ({ ...native, libc: kernelWith(native.libc) }));
  sent = [];
  replies = [];
  onLook = () => {};
  onSend = () => {};
});

function requestTo(host: number, plan: Partial<EchoRequest> = {}): EchoRequest {
  const ip = { family: 4, bytes: Uint8Array.of(192, 0, 2, host) } as const;
  return { ip, count: 1, interval: 1, timeout: 50, payloadSize: 8, profile: { family: 4 }, ...plan };
}

/** As the kernel would have received it so many milliseconds after the request was sent. */
function replyTo({ bytes, at }: { bytes: Uint8Array; at: number }, host: number, rtt: number): FakePacket {
  const [milliseconds, reply] = [at + rtt, Uint8Array.from(bytes)];
  reply[0] = 0;
  const time = [BigInt(Math.floor(milliseconds / 1_000)), BigInt((milliseconds % 1_000) * 1e6)];
  const control = controlMessage(1, 35, [...new Uint8Array(new BigInt64Array(time).buffer)]);
  return { bytes: reply, address: socketAddress(Uint8Array.of(192, 0, 2, host)), control: Uint8Array.from(control) };
}

function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

describe.runIf(process.platform === 'linux')('an engine for echoes', () => {
  it('gives nothing up that came while it was reading other things', async () => {
    const asked = engine.run(requestTo(1, { timeout: 500 }), NEVER);
    await new Promise<void>((resolve) => {
      onSend = resolve;
    });
    const [first = { bytes: new Uint8Array(), at: 0 }] = sent;
    // The next look is in the middle of the first one's time, and takes longer than that; meanwhile its reply comes.
    onLook = () => {
      onLook = () => {};
      standStill(600);
      replies.push(replyTo(first, 1, 400));
    };
    const other = engine.run(requestTo(2), NEVER);
    expect(await asked).toMatchObject({ outcome: { sent: 1, received: 1 } });
    expect(await other).toMatchObject({ outcome: { sent: 1, received: 0 } });
  });

  it('says nothing of what had no time to be answered', async () => {
    const controller = new AbortController();
    const asked = engine.run(requestTo(1, { count: 2, interval: 5, timeout: 60_000 }), controller.signal);
    await new Promise<void>((resolve) => {
      onSend = () => {
        if (sent.length === 2) resolve();
      };
    });
    controller.abort();
    expect(await asked).toMatchObject({ outcome: { sent: 0, received: 0 } });
  });

  it('keeps nothing of what is over, as long as others may take', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const controller = new AbortController();
    const long = engine.run(requestTo(1, { timeout: 3_600_000 }), controller.signal);
    const requests: WeakRef<Uint8Array>[] = [];
    for (let round = 0; round < 300; round += 1) {
      const request = requestTo(2, { timeout: 3_600_000 });
      requests.push(new WeakRef(request.ip.bytes));
      const short = new AbortController();
      const asked = engine.run(request, short.signal);
      await Promise.resolve();
      short.abort();
      await asked;
    }
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    expect(requests.filter((request) => request.deref() !== undefined).length).toBeLessThan(150);
    controller.abort();
    await long;
  });
});
