import { describe, expect, it } from 'vitest';
import { ClientRates } from '../../../src/server/client-rates.js';

describe('the rates of clients', () => {
  it('let a burst through, then as many as there may be in a second, to each client', () => {
    let now = 0;
    const rates = new ClientRates({ perSecond: 2, burst: 3 }, () => now);
    expect([1, 2, 3, 4].map(() => rates.take('a'))).toEqual([0, 0, 0, 0.5]);
    expect(rates.take('b')).toBe(0);
    now = 250;
    expect(rates.take('a')).toBe(0.25);
    now = 500;
    expect([rates.take('a'), rates.take('a')]).toEqual([0, 0.5]);
    now = 1_000_000;
    expect([1, 2, 3, 4].map(() => rates.take('a') === 0)).toEqual([true, true, true, false]);
  });

  it('are one for all addresses of an IPv6 network of 64 bits', () => {
    const rates = new ClientRates({ perSecond: 1, burst: 1 }, () => 0);
    const isFree = (address: string) => rates.take(address) === 0;
    expect(['2001:db8::1', '2001:db8:0:0:5::1', '2001:db8:0:1::1', '2001:db8::'].map(isFree)).toEqual([
      true,
      false,
      true,
      false,
    ]);
    expect(['fe80::1%eth0', 'fe80::2%eth0', '::1', '::ffff:192.0.2.1', '::ffff:192.0.2.2'].map(isFree)).toEqual([
      true,
      false,
      true,
      true,
      true,
    ]);
  });

  it('forget the client that was idle the longest, and remember the others', () => {
    const rates = new ClientRates({ perSecond: 1, burst: 1 }, () => 0);
    for (let client = 0; client <= 10_000; client += 1) rates.take(`${client}`);
    expect(rates.take('1')).toBe(1);
    expect(rates.take('0')).toBe(0);
  });
});
