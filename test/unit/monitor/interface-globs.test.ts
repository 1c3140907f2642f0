import { describe, expect, it } from 'vitest';
import { interfaceMatcher } from '../../../src/monitor/interface-globs.js';

describe('interfaceMatcher', () => {
  it.each([
    ['*', 'anything', true],
    ['eth0', 'eth0', true],
    ['eth0', 'eth01', false],
    ['eth*', 'eth12', true],
    ['eth*', 'veth1', false],
    ['wl?0', 'wlp0', true],
    ['wl?0', 'wl0', false],
    ['br-[a]', 'br-[a]', true],
    ['br-[a]', 'br-a', false],
    ['eth0.100', 'eth0.100', true],
    ['eth0.100', 'eth0x100', false],
  ])('%s matches %s: %s', (glob, name, matches) => {
    expect(interfaceMatcher([glob])(name)).toBe(matches);
  });

  it('matches when one of several does', () => {
    const matches = interfaceMatcher(['eth*', 'wlan0']);
    expect([matches('eth1'), matches('wlan0'), matches('docker0')]).toEqual([true, true, false]);
  });
});
