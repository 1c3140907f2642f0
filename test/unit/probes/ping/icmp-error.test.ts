import { describe, expect, it } from 'vitest';
import { meaningOf, mtuOf } from '../../../../src/probes/ping/icmp-error.js';

describe('an ICMP error', () => {
  it.each([
    [4, 3, 0, 'net-unreachable'],
    [4, 3, 1, 'host-unreachable'],
    [4, 3, 3, 'port-unreachable'],
    [4, 3, 4, 'too-big'],
    [4, 3, 13, 'prohibited'],
    [4, 3, 200, 'unreachable'],
    [4, 11, 0, 'ttl-exceeded'],
    [4, 11, 1, 'reassembly-timeout'],
    [4, 99, 0, 'icmp-error'],
    [6, 1, 0, 'net-unreachable'],
    [6, 1, 1, 'prohibited'],
    [6, 1, 3, 'host-unreachable'],
    [6, 2, 0, 'too-big'],
    [6, 3, 0, 'ttl-exceeded'],
    [6, 11, 0, 'icmp-error'],
  ] as const)('of IPv%d with type %d and code %d is %s', (family, type, code, meaning) => {
    expect(meaningOf(family, type, code)).toBe(meaning);
  });

  it('names an MTU only where it says that a packet is too big', () => {
    expect(mtuOf(4, 3, 4, 1_400)).toBe(1_400);
    expect(mtuOf(4, 3, 4, 0)).toBeUndefined();
    expect(mtuOf(4, 3, 1, 1_400)).toBeUndefined();
    expect(mtuOf(6, 2, 0, 1_280)).toBe(1_280);
    expect(mtuOf(6, 3, 0, 1_280)).toBeUndefined();
  });
});
