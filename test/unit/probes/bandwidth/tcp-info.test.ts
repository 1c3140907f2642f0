import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { decodeTcpInfo, loadNative } from '../../../../native/index.js';
import { TcpTally, tcpReader } from '../../../../src/probes/bandwidth/tcp-tally.js';
import { readSummary } from '../../../../src/probes/bandwidth/wire.js';

/** As the kernel lays it out: 232 bytes, each field at its offset in include/uapi/linux/tcp.h. */
function tcpInfo(length = 232): Uint8Array {
  const bytes = new Uint8Array(232);
  const words = new Uint32Array(bytes.buffer);
  const set = (offset: number, value: number) => {
    words[offset / 4] = value;
  };
  set(16, 1_448);
  set(68, 20_500);
  set(72, 1_250);
  set(80, 42);
  set(100, 7);
  new BigUint64Array(bytes.buffer)[120 / 8] = 5_000_000_000n;
  set(148, 19_000);
  set(156, 700);
  return bytes.subarray(0, length);
}

describe('struct tcp_info', () => {
  it('is read', () => {
    expect(decodeTcpInfo(tcpInfo())).toEqual({
      sendMss: 1_448,
      rtt: 20.5,
      rttVariation: 1.25,
      minRtt: 19,
      congestionWindow: 42,
      retransmits: 7,
      dataSegmentsSent: 700,
      bytesAcknowledged: 5_000_000_000,
    });
  });

  it('of an older kernel ends earlier', () => {
    expect(decodeTcpInfo(tcpInfo(104))).toEqual({
      sendMss: 1_448,
      rtt: 20.5,
      rttVariation: 1.25,
      congestionWindow: 42,
      retransmits: 7,
    });
  });

  it('says nothing of a time that was never measured', () => {
    const bytes = tcpInfo();
    bytes.fill(0, 68, 72).fill(0xff, 148, 152);
    const info = decodeTcpInfo(bytes);
    expect(info).not.toHaveProperty('rtt');
    expect(info).not.toHaveProperty('minRtt');
  });

  it('of a real connection counts what was acknowledged', async (context) => {
    if (!(await loadNative()).supported) context.skip();
    const server = createServer((socket) => {
      let length = 0;
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        length += chunk.length;
        // By then, whatever came before it is acknowledged.
        if (length === 100_000) socket.write('.');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const socket = connect({ host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 });
    try {
      const read = await tcpReader();
      socket.write(Buffer.alloc(100_000));
      await once(socket, 'data');
      const info = read(socket);
      // The SYN counts as one.
      expect(info?.bytesAcknowledged).toBe(100_001);
      expect(info).toMatchObject({ congestionWindow: expect.any(Number), retransmits: expect.any(Number) });
      expect(info?.rtt).toBeGreaterThan(0);
      socket.destroy();
      await once(socket, 'close');
      expect(read(socket)).toBeUndefined();
    } finally {
      socket.destroy();
      server.close();
    }
  });

  it('is absent for a socket that was never connected', async () => {
    expect((await tcpReader())(new Socket())).toBeUndefined();
  });
});

describe('what was read of several connections', () => {
  it('is summed up: counters by their last values, times over all', () => {
    const tally = new TcpTally();
    const [one, other] = [{}, {}];
    const info = decodeTcpInfo(tcpInfo());
    tally.add(one, { ...info, retransmits: 1, rtt: 10 });
    tally.add(one, { ...info, retransmits: 3, rtt: 30, congestionWindow: 5 });
    tally.add(other, { ...info, retransmits: 4, rtt: 50 });
    expect(tally.summary()).toEqual({
      retransmits: 7,
      retransmitRatio: 7 / 1_400,
      rtt: { min: 10, mean: 30, max: 50 },
      congestionWindow: 42,
      mss: 1_448,
    });
  });

  it('is absent where nothing was read', () => {
    expect(new TcpTally().summary()).toBeUndefined();
  });

  it('comes from a server as far as it can be understood', () => {
    const good = { retransmits: 1, congestionWindow: 10, mss: 1_448 };
    expect(
      readSummary({ download: { ...good, rtt: { min: 1, mean: 2, max: 3 }, retransmitRatio: 0.1, x: 'y' } }),
    ).toEqual({
      download: { ...good, rtt: { min: 1, mean: 2, max: 3 }, retransmitRatio: 0.1 },
    });
    expect(readSummary({ download: { ...good, rtt: { min: 'x' }, retransmitRatio: 7 } })).toEqual({ download: good });
    expect(readSummary({ download: { ...good, retransmits: -1 } })).toEqual({});
    expect(readSummary('nothing')).toEqual({});
  });
});
