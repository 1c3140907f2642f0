import { describe, expect, it } from 'vitest';
import type { AddressFacts, LinkFacts, RouteLookup } from '../../../src/monitor/kernel-view.js';
import { type Egress, judgePath, networkKey, type PathFacts, type PathQuestion } from '../../../src/monitor/path.js';
import { address, link } from './fake-host.js';

const lo = link({ index: 1, name: 'lo', loopback: true, operState: 'unknown' });
const eth0 = link({ index: 2, name: 'eth0' });
const eth1 = link({ index: 3, name: 'eth1' });
const routed: RouteLookup = { kind: 'route', ifIndex: 2, gateway: '192.0.2.1', source: '192.0.2.10' };
const refused: RouteLookup = { kind: 'refused', code: 'ENETUNREACH' };
const egress: Egress = { ifIndex: 2, interface: 'eth0', gateway: '192.0.2.1', source: '192.0.2.10' };

function facts(
  links: readonly LinkFacts[],
  addresses: readonly AddressFacts[],
  lookup: PathFacts['lookup'] = () => routed,
): PathFacts {
  return { links: () => new Map(links.map((each) => [each.index, each])), addresses: () => addresses, lookup };
}

function judge(from: PathFacts, more: Partial<PathQuestion> = {}) {
  return judgePath(from, { destinations: ['198.51.100.1'], allowed: () => true, ...more });
}

const here = address(2, '192.0.2.10');

describe('judgePath', () => {
  it('is open where the look-up names a link that is up, with carrier and a source address', () => {
    expect(judge(facts([lo, eth0], [here]))).toEqual({ kind: 'open', egress, chosenBy: 'kernel' });
  });

  it.each([
    ['no-carrier', { carrier: false, operState: 'down' }],
    ['no-carrier', { carrier: true, operState: 'lowerlayerdown' }],
    ['no-carrier', { carrier: true, operState: 'notpresent' }],
    ['link-down', { adminUp: false, carrier: false, operState: 'down' }],
  ] as const)('is closed by %s when the link that the route names is %o, though the route stands', (reason, broken) => {
    const verdict = judge(facts([lo, { ...eth0, ...broken }], [here]));
    expect(verdict).toEqual({ kind: 'closed', reason, interface: 'eth0' });
  });

  it.each(['unknown', 'dormant', 'testing'] as const)('takes a link in state %s for usable', (operState) => {
    expect(judge(facts([lo, { ...eth0, operState }], [here])).kind).toBe('open');
  });

  it('is closed when the link that the route names has vanished', () => {
    expect(judge(facts([lo], [here]))).toEqual({ kind: 'closed', reason: 'link-down' });
  });

  it('is closed by no-address when the kernel has no source for an IPv4 destination', () => {
    const lookup = () => ({ kind: 'route', ifIndex: 2 }) as const;
    expect(judge(facts([lo, eth0], [], lookup))).toEqual({ kind: 'closed', reason: 'no-address', interface: 'eth0' });
  });

  it('is closed by no-address when the kernel has forgotten the source of the work already, though nobody was told yet', () => {
    const bound = { traits: { source: '192.0.2.10' }, lastEgress: egress };
    const local: RouteLookup = { kind: 'route', ifIndex: 1, source: '192.0.2.10' };
    const kernel =
      (own: RouteLookup): PathFacts['lookup'] =>
      (destination) =>
        destination === '192.0.2.10' ? own : refused;
    const forgotten = judge(facts([lo, eth0], [here], kernel(routed)), bound);
    expect(forgotten).toEqual({ kind: 'closed', reason: 'no-address' });
    const known = judge(facts([lo, eth0], [here], kernel(local)), bound);
    expect(known).toMatchObject({ kind: 'closed', reason: 'no-route' });
  });

  it('is closed by no-address when the only IPv6 source is link-local and the destination is not', () => {
    const lookup = () => ({ kind: 'route', ifIndex: 2, source: 'fe80::1' }) as const;
    const from = facts([lo, eth0], [address(2, 'fe80::1')], lookup);
    expect(judge(from, { destinations: ['2001:db8::1'] })).toMatchObject({ kind: 'closed', reason: 'no-address' });
    expect(judge(from, { destinations: ['fe80::2'] }).kind).toBe('open');
  });

  it('proves nothing when the question could not be put', () => {
    expect(
      judge(
        facts([lo, eth0], [here], () => ({ kind: 'unanswered' })),
        { lastEgress: egress },
      ).kind,
    ).toBe('unproven');
  });

  it('proves nothing where one address has no path and of another nothing is known', () => {
    const lookup = (destination: string) => (destination.includes(':') ? ({ kind: 'unanswered' } as const) : refused);
    const destinations = ['198.51.100.1', '2001:db8::1'];
    expect(judge(facts([lo, eth0], [here], lookup), { destinations, lastEgress: egress }).kind).toBe('unproven');
    expect(judge(facts([lo, eth0], [here], lookup), { lastEgress: egress }).kind).toBe('closed');
  });

  it('proves nothing where nothing is known of the way by the interfaces that count', () => {
    const lookup: PathFacts['lookup'] = (_destination, traits) =>
      traits?.ifIndex === undefined ? routed : { kind: 'unanswered' };
    const allowed = (name: string) => name === 'eth1';
    expect(judge(facts([lo, eth0, eth1], [here], lookup), { allowed }).kind).toBe('unproven');
  });

  it('proves nothing of a source address where no addresses are known', () => {
    const traits = { source: '192.0.2.10' };
    expect(
      judge(
        facts([], [], () => ({ kind: 'unanswered' })),
        { traits },
      ).kind,
    ).toBe('unproven');
    expect(
      judge(
        facts([lo, eth0], [], () => refused),
        { traits },
      ),
    ).toMatchObject({ reason: 'no-address' });
  });

  describe('when the kernel refuses a destination that had a path', () => {
    it.each([
      ['link-down', [lo], []],
      ['link-down', [lo, { ...eth0, adminUp: false, carrier: false }], []],
      ['no-carrier', [lo, { ...eth0, carrier: false }], [here]],
      ['no-address', [lo, eth0], []],
      ['no-address', [lo, eth0], [address(2, '192.0.2.10', { usable: false })]],
      ['no-route', [lo, eth0], [here]],
    ] as const)('says %s', (reason, links, addresses) => {
      const verdict = judge(
        facts(links, addresses, () => refused),
        { lastEgress: egress },
      );
      expect(verdict).toEqual({ kind: 'closed', reason, interface: 'eth0' });
    });

    it('finds the link by name when it was deleted and made again with another index', () => {
      const verdict = judge(
        facts([lo, { ...eth0, index: 9 }], [address(9, '192.0.2.10')], () => refused),
        {
          lastEgress: egress,
        },
      );
      expect(verdict).toMatchObject({ reason: 'no-route' });
    });

    it('does not explain one family by the history of the other', () => {
      const verdict = judge(
        facts([lo, eth0], [here], () => refused),
        {
          destinations: ['2001:db8::1'],
          lastEgress: egress,
        },
      );
      expect(verdict.kind).toBe('unproven');
    });
  });

  describe('when there never was a path', () => {
    it('proves nothing on a host with loopback alone', () => {
      expect(judge(facts([lo], [], () => refused)).kind).toBe('unproven');
    });

    it('proves nothing on an air-gapped host whose link is in order', () => {
      expect(judge(facts([lo, eth0], [here], () => refused)).kind).toBe('unproven');
    });

    it('proves nothing where only an idle container bridge has no carrier', () => {
      const docker0 = link({ index: 4, name: 'docker0', kind: 'bridge', carrier: false, operState: 'down' });
      expect(judge(facts([lo, docker0], [], () => refused)).kind).toBe('unproven');
      expect(judge(facts([lo, eth0, docker0], [here], () => refused)).kind).toBe('unproven');
    });

    it('proves nothing where a virtual link that nobody set up came with its kernel module', () => {
      const tunl0 = link({ index: 4, name: 'tunl0', kind: 'ipip', adminUp: false, carrier: false, operState: 'down' });
      expect(judge(facts([lo, tunl0], [], () => refused)).kind).toBe('unproven');
    });

    it('is closed where the only uplink visibly lacks its carrier, its address, or is down', () => {
      const unplugged = { ...eth0, carrier: false };
      expect(judge(facts([lo, unplugged], [here], () => refused))).toMatchObject({ reason: 'no-carrier' });
      expect(judge(facts([lo, eth0], [], () => refused))).toMatchObject({ reason: 'no-address' });
      expect(judge(facts([lo, { ...eth0, adminUp: false }], [], () => refused))).toMatchObject({ reason: 'link-down' });
    });
  });

  describe('of a name with several addresses', () => {
    const lookup = (destination: string) => (destination === '198.51.100.2' ? routed : refused);

    it('is open when one of them has a path', () => {
      const destinations = ['198.51.100.1', '198.51.100.2'];
      expect(judge(facts([lo, eth0], [here], lookup), { destinations, lastEgress: egress }).kind).toBe('open');
    });

    it('is closed when none has', () => {
      const destinations = ['198.51.100.1', '198.51.100.3'];
      const verdict = judge(facts([lo, eth0], [here], lookup), { destinations, lastEgress: egress });
      expect(verdict).toMatchObject({ kind: 'closed', reason: 'no-route' });
    });
  });

  describe('of work whose sockets routing policy may tell apart', () => {
    it('is looked up with port, mark and source address', () => {
      const asked: unknown[] = [];
      const lookup: PathFacts['lookup'] = (destination, traits) => {
        asked.push([destination, traits]);
        return routed;
      };
      judge(facts([lo, eth0], [here], lookup), { ports: [443], traits: { mark: 7, source: '192.0.2.10' } });
      expect(asked).toEqual([['198.51.100.1', { port: 443, mark: 7, source: '192.0.2.10' }]]);
    });

    it('is open when one of its ports has a path', () => {
      const lookup: PathFacts['lookup'] = (_destination, traits) => (traits?.port === 443 ? routed : refused);
      expect(judge(facts([lo, eth0], [here], lookup), { ports: [53, 443], lastEgress: egress }).kind).toBe('open');
      expect(judge(facts([lo, eth0], [here], lookup), { ports: [53], lastEgress: egress }).kind).toBe('closed');
    });

    it('is closed by no-address when the address that it is bound to is gone', () => {
      const verdict = judge(facts([lo, eth0], [here]), { traits: { source: '192.0.2.99' } });
      expect(verdict).toEqual({ kind: 'closed', reason: 'no-address' });
    });

    it('does not ask for the other family than that of its source address', () => {
      const asked: string[] = [];
      const lookup: PathFacts['lookup'] = (destination) => {
        asked.push(destination);
        return routed;
      };
      judge(facts([lo, eth0], [here], lookup), {
        destinations: ['2001:db8::1', '198.51.100.1'],
        traits: { source: '192.0.2.10' },
      });
      expect(asked).toEqual(['198.51.100.1']);
    });
  });

  describe('where only some interfaces count', () => {
    const lookup: PathFacts['lookup'] = (_destination, options) =>
      options?.ifIndex === 3 ? { kind: 'route', ifIndex: 3, source: '203.0.113.9' } : routed;
    const links = [lo, eth0, eth1];
    const addresses = [here, address(3, '203.0.113.9')];

    it('uses one that counts though the kernel would prefer another', () => {
      const verdict = judge(facts(links, addresses, lookup), { allowed: (name) => name === 'eth1' });
      expect(verdict).toMatchObject({ kind: 'open', egress: { interface: 'eth1' }, chosenBy: 'option' });
    });

    it('is closed when none that counts can carry it', () => {
      const broken = facts([lo, eth0, { ...eth1, carrier: false }], addresses, lookup);
      expect(judge(broken, { allowed: (name) => name === 'eth1' })).toEqual({
        kind: 'closed',
        reason: 'no-carrier',
        interface: 'eth1',
      });
      expect(judge(facts(links, addresses, lookup), { allowed: (name) => name === 'wlan0' })).toEqual({
        kind: 'closed',
        reason: 'link-down',
      });
    });

    it('lets the host talk to itself', () => {
      const local = facts(links, addresses, () => ({ kind: 'route', ifIndex: 1, source: '127.0.0.1' }));
      expect(judge(local, { destinations: ['127.0.0.1'], allowed: () => false }).kind).toBe('open');
    });
  });
});

describe('networkKey', () => {
  it('is equal exactly for equal interface, gateway and source', () => {
    expect(networkKey({ ...egress, ifIndex: 7 })).toBe(networkKey(egress));
    expect(networkKey({ ...egress, gateway: '192.0.2.2' })).not.toBe(networkKey(egress));
    expect(networkKey({ ...egress, source: '192.0.2.11' })).not.toBe(networkKey(egress));
    expect(networkKey({ ifIndex: 2, interface: 'tun0' })).not.toBe(networkKey(egress));
  });
});
