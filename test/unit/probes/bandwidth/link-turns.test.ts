import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linkOf, plainAddress } from '../../../../src/probes/bandwidth/link-of.js';
import { LinkTurns, sharedTurns } from '../../../../src/probes/bandwidth/link-turns.js';

const { signal } = new AbortController();

describe('turns on a link', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('come one after another, in the order of asking', async () => {
    const turns = new LinkTurns();
    const order: string[] = [];
    const release = await turns.take('eth0', 1_000, signal);
    const waiting = ['first', 'second'].map(async (name) => {
      const done = await turns.take('eth0', 1_000, signal);
      order.push(name);
      done();
    });
    await Promise.resolve();
    expect(order).toEqual([]);
    release();
    await Promise.all(waiting);
    expect(order).toEqual(['first', 'second']);
    expect(turns.tryTake('eth0', 1)).toBeTypeOf('function');
  });

  it('are of each link by itself', async () => {
    const turns = new LinkTurns();
    await turns.take('eth0', 1_000, signal);
    expect(turns.tryTake('eth1', 1_000)).toBeTypeOf('function');
  });

  it('expire, and what is given back then takes nothing from the next', async () => {
    const turns = new LinkTurns();
    const late = await turns.take('eth0', 1_000, signal);
    const next = turns.take('eth0', 5_000, signal);
    vi.advanceTimersByTime(400);
    expect(turns.tryTake('eth0', 1)).toBe(600);
    vi.advanceTimersByTime(600);
    await next;
    late();
    expect(turns.tryTake('eth0', 1)).toBe(5_000);
  });

  it('are not waited for any longer after an abort', async () => {
    const turns = new LinkTurns();
    const release = await turns.take('eth0', 1_000, signal);
    const controller = new AbortController();
    const aborted = turns.take('eth0', 1_000, controller.signal);
    const patient = turns.take('eth0', 1_000, signal);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await expect(turns.take('eth0', 1_000, controller.signal)).rejects.toThrow('enough');
    release();
    (await patient)();
    expect(turns.tryTake('eth0', 1)).toBeTypeOf('function');
  });

  it('are one set for all copies of the module', () => {
    expect(sharedTurns()).toBe(sharedTurns());
    expect(Reflect.get(globalThis, Symbol.for('netpause.bandwidth.turns.v1'))).toBe(sharedTurns());
  });
});

describe('the link of a connection', () => {
  it('is the loopback interface for what stays in this host', () => {
    expect(linkOf('127.0.0.1', '127.0.0.1')).toBe('lo');
    expect(linkOf('::ffff:127.0.0.2', '::ffff:127.0.0.2')).toBe('lo');
    expect(linkOf('::1', '::1')).toBe('lo');
  });

  it('is told by the zone of an address that each link may have', () => {
    expect(linkOf('fe80::1%eth7', 'fe80::2%eth7')).toBe('eth7');
    expect(linkOf('fe80::1%eth7', 'fe80::1%eth7')).toBe('lo');
  });

  it('is the address where no interface has it', () => {
    expect(linkOf('192.0.2.250', '192.0.2.251')).toBe('192.0.2.250');
  });

  it('knows an address of IPv4 in the clothes of IPv6', () => {
    expect(plainAddress('::ffff:192.0.2.1')).toBe('192.0.2.1');
    expect(plainAddress('fe80::1%eth0')).toBe('fe80::1');
  });
});
