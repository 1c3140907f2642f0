import { describe, expect, it } from 'vitest';
import { encodeRouteRequest, type RouteQuery } from '../../../src/netlink/requests.js';
import { RouteRequests } from '../../../src/netlink/route-requests.js';

const QUERIES: readonly RouteQuery[] = [
  { destination: '192.0.2.1' },
  { destination: '192.0.2.1', protocol: 'tcp', destinationPort: 53 },
  { destination: '192.0.2.1', protocol: 'tcp', destinationPort: 443 },
  { destination: '192.0.2.1', fibMatch: true },
  { destination: '2001:db8::1', source: '2001:db8::2', ifIndex: 3, mark: 7 },
];

describe('requests for routes', () => {
  it('are the same whether put together now or before, each with its own number', () => {
    const requests = new RouteRequests();
    for (const sequence of [1, 2, 0xffff_ffff]) {
      for (const query of QUERIES) {
        expect(requests.request(sequence, query)).toEqual(encodeRouteRequest(sequence, query));
      }
    }
  });

  it('are right also when there were more than are kept', () => {
    const requests = new RouteRequests();
    for (let round = 0; round < 2; round += 1) {
      for (let host = 0; host < 600; host += 1) {
        const query = { destination: `198.51.${host >> 8}.${host & 255}` };
        expect(requests.request(host + 1, query)).toEqual(encodeRouteRequest(host + 1, query));
      }
    }
  });

  it.each([
    [{ destination: 'nowhere' }, 'destination'],
    [{ destination: '192.0.2.1', mark: -1 }, 'mark'],
    [{ destination: '192.0.2.1', ifIndex: 5n }, 'ifIndex'],
  ])('are refused for %s, every time', (query: object, option) => {
    const requests = new RouteRequests();
    const ask = () => Reflect.apply(requests.request, requests, [1, query]);
    expect(ask).toThrow(
      expect.objectContaining({ code: 'ERR_NETPAUSE_INVALID_OPTION', message: expect.stringContaining(option) }),
    );
    expect(ask).toThrow(expect.objectContaining({ code: 'ERR_NETPAUSE_INVALID_OPTION' }));
  });
});
