import { describe, expect, it } from 'vitest';
import { diagnose, type Finding } from '../../../src/cli/doctor/diagnose.js';
import type { HostFacts } from '../../../src/cli/doctor/facts.js';
import { renderFindings } from '../../../src/cli/doctor/render-findings.js';
import { appearanceFor } from '../../../src/cli/text/appearance.js';
import { aResult } from './watch-fixtures.js';

const SOUND: HostFacts = {
  platform: 'linux',
  ffi: { kind: 'koffi' },
  guard: { kind: 'answers', interface: 'eth0', cost: 55, countsLosses: true, linkKind: undefined },
  icmp: { ipv4: { kind: 'works' }, ipv6: { kind: 'works' } },
  ignoresRoutesWithLinkdown: false,
  uplinks: ['eth0'],
  snapshot: {
    state: 'up',
    reason: 'reachable',
    since: 0,
    source: 'netlink',
    egress: { ifIndex: 2, interface: 'eth0', gateway: '192.0.2.1' },
    checks: [aResult('192.0.2.53', 'answers')],
  },
};

const { egress: _, ...WITHOUT_WAY_OUT } = SOUND.snapshot;

describe('a sound host', () => {
  it('has nothing to be told', () => {
    const findings = diagnose(SOUND);
    expect(findings.map(({ verdict }) => verdict)).toEqual(findings.map(() => 'works'));
    expect(findings.filter(({ advice }) => advice !== undefined)).toEqual([]);
  });
});

describe('what is missing', () => {
  it.each<[string, Partial<HostFacts>, Partial<Finding>]>([
    [
      'koffi',
      { ffi: { kind: 'none', reason: 'koffi could not be loaded: Cannot find module' } },
      { subject: 'FFI', verdict: 'fails', advice: expect.stringContaining('reinstall') },
    ],
    [
      'the permission to load it',
      { ffi: { kind: 'none', reason: 'koffi could not be loaded: ERR_DLOPEN_DISABLED' } },
      { subject: 'FFI', verdict: 'fails', advice: 'start Node.js with --allow-addons' },
    ],
    [
      'koffi, but not node:ffi',
      { ffi: { kind: 'node:ffi', reason: 'koffi could not be loaded' } },
      { subject: 'FFI', verdict: 'works' },
    ],
    [
      'Linux',
      { platform: 'darwin', ffi: { kind: 'none', reason: 'netlink exists on Linux only' } },
      { subject: 'FFI', verdict: 'limited' },
    ],
    [
      'netlink, by seccomp',
      { snapshot: { ...SOUND.snapshot, source: 'proc', sourceReason: 'the kernel refuses netlink: EAFNOSUPPORT' } },
      { subject: 'netlink', verdict: 'fails', advice: expect.stringContaining('AF_NETLINK') },
    ],
    [
      'netlink, by choice',
      { snapshot: { ...SOUND.snapshot, source: 'proc', sourceReason: 'switched off by the option enableNetlink' } },
      { subject: 'netlink', verdict: 'fails', advice: 'leave out --no-netlink' },
    ],
    [
      'an answer to the guard',
      { guard: { kind: 'fails', reason: 'ETIMEDOUT' } },
      { subject: 'carrier guard', verdict: 'fails' },
    ],
    [
      'a real cable',
      { guard: { kind: 'answers', interface: 'eth0', cost: 55, countsLosses: true, linkKind: 'veth' } },
      { subject: 'carrier guard', verdict: 'limited', advice: expect.stringContaining('--check-host') },
    ],
    [
      'the count of losses',
      { guard: { kind: 'answers', interface: 'eth0', cost: 55, countsLosses: false, linkKind: undefined } },
      { subject: 'carrier guard', verdict: 'limited', detail: expect.stringContaining('4.16') },
    ],
    [
      'a way out',
      { snapshot: { state: 'down', reason: 'no-carrier', since: 0, source: 'netlink', checks: [] } },
      { subject: 'way out', verdict: 'fails', detail: expect.stringContaining('no-carrier') },
    ],
    [
      'the readiness to let go of a dead uplink',
      { uplinks: ['eth0', 'wwan0'] },
      { subject: 'uplinks', verdict: 'limited', advice: expect.stringContaining('ignore_routes_with_linkdown=1') },
    ],
    [
      'an answer of one check host',
      { snapshot: { ...SOUND.snapshot, checks: [aResult('192.0.2.53', 'answers'), aResult('203.0.113.9', 'silent')] } },
      { subject: 'check hosts', verdict: 'limited', detail: '203.0.113.9: no answer (ETIMEDOUT)' },
    ],
    [
      'an answer of any check host',
      { snapshot: { ...SOUND.snapshot, checks: [aResult('203.0.113.9', 'silent')] } },
      { subject: 'check hosts', verdict: 'fails' },
    ],
    ['check hosts', { snapshot: { ...SOUND.snapshot, checks: [] } }, { subject: 'check hosts', verdict: 'limited' }],
    [
      'ping without privileges, which counts for nothing',
      { icmp: { ipv4: { kind: 'refused', code: 'EACCES' }, ipv6: { kind: 'refused', code: 'EACCES' } } },
      { subject: 'ICMP', verdict: 'unused', detail: 'no unprivileged ping; netpause does not use it' },
    ],
    [
      'IPv6',
      { icmp: { ipv4: { kind: 'works' }, ipv6: { kind: 'refused', code: 'EAFNOSUPPORT' } } },
      { subject: 'ICMP', verdict: 'unused', detail: 'no unprivileged ping by IPv6; netpause does not use it' },
    ],
    [
      'an answer of any check host, because there is no way out',
      { snapshot: { ...WITHOUT_WAY_OUT, checks: [aResult('203.0.113.9', 'silent')] } },
      { subject: 'check hosts', verdict: 'fails', advice: 'look again when there is a way out' },
    ],
    ['a link', { guard: { kind: 'no-link' } }, { subject: 'carrier guard', verdict: 'limited' }],
  ])('%s', (_what, facts, expected) => {
    expect(diagnose({ ...SOUND, ...facts })).toContainEqual(expect.objectContaining(expected));
  });

  it('is a second uplink only where the kernel clings to a dead one', () => {
    const subjects = diagnose({ ...SOUND, uplinks: ['eth0', 'wwan0'], ignoresRoutesWithLinkdown: true }).map(
      ({ subject }) => subject,
    );
    expect(subjects).not.toContain('uplinks');
  });
});

it('is told with what to do about it', () => {
  const findings: readonly Finding[] = [
    { subject: 'FFI', verdict: 'works', detail: 'koffi' },
    { subject: 'way out', verdict: 'fails', detail: 'there is none', advice: 'look for it' },
    { subject: 'ICMP', verdict: 'unused', detail: 'none' },
  ];
  expect(renderFindings(findings, appearanceFor({ isTerminal: false, env: {} }))).toEqual([
    '✓ FFI      koffi',
    '✗ way out  there is none',
    '           → look for it',
    '  ICMP     none',
  ]);
});

it('is broken into lines where the terminal is narrow', () => {
  const findings: readonly Finding[] = [
    { subject: 'FFI', verdict: 'limited', detail: 'one two three four', advice: 'do something about it' },
  ];
  expect(renderFindings(findings, appearanceFor({ isTerminal: false, env: {} }), 20)).toEqual([
    '! FFI  one two three',
    '       four',
    '       → do',
    '       something',
    '       about it',
  ]);
});
