import { execFile, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadNative } from '../../native/index.js';
import {
  type InterfaceAddress,
  type Link,
  type NetlinkMessage,
  RequestClient,
  type Route,
  type Rule,
} from '../../src/netlink/index.js';
import type { Capture } from '../unit/netlink/fixtures/capture-format.js';
import { decodeAll } from '../unit/netlink/fixtures/index.js';
import {
  addressesAsIpSaysThem,
  addressesIn,
  addressesOfIp,
  linksAsIpSaysThem,
  linksIn,
  linksOfIp,
  routesAsIpSaysThem,
  routesIn,
  routesOfIp,
  rulesAsIpSaysThem,
  rulesIn,
  rulesOfIp,
} from '../unit/netlink/ip-json.js';

/** A network namespace that ends with its only process; as an ordinary user one needs a user namespace around it. */
const UNSHARE = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];

const obstacle = whyNoNamespace();
if (obstacle !== undefined)
  console.warn(`netlink-decode: skipped, because no network namespace can be had: ${obstacle}`);

// In CI a missing namespace is a failure: a green run that has tested nothing would be a lie.
describe.skipIf(obstacle !== undefined && process.env['CI'] !== 'true')('what this kernel sends, decoded', () => {
  let capture: Capture;
  let links: Link[];
  let addresses: InterfaceAddress[];
  let routes: Route[];
  let rules: Rule[];

  beforeAll(async () => {
    capture = await captureHere();
    links = linksIn(decodeAll(capture.links));
    addresses = addressesIn(decodeAll(capture.addresses));
    routes = routesIn(decodeAll(capture.routes));
    rules = rulesIn(decodeAll(capture.rules));
  });

  it('is about the namespace that was furnished', () => {
    expect(links.map((link) => link.name)).toEqual(expect.arrayContaining(['lo', 'veth0', 'veth1', 'br0']));
    expect(new Set(routes.map((route) => route.family))).toEqual(new Set([4, 6]));
    expect(routes.length).toBeGreaterThan(30);
  });

  it('gives the links of ip link, field by field', () => {
    expect(linksAsIpSaysThem(links)).toEqual(linksOfIp(capture.ip.links));
  });

  it('gives the addresses of ip addr, field by field', () => {
    expect(addressesAsIpSaysThem(addresses)).toEqual(addressesOfIp(capture.ip.addresses));
  });

  it('gives the routes of ip route, field by field', () => {
    expect(routesAsIpSaysThem(routes, links)).toEqual(routesOfIp(capture.ip.routes));
  });

  it('gives the rules of ip rule, field by field and in their order', () => {
    const ofFamily = (family: number): Rule[] => rules.filter((rule) => rule.family === family);
    expect(rulesAsIpSaysThem(ofFamily(4))).toEqual(rulesOfIp(capture.ip.rules));
    expect(rulesAsIpSaysThem(ofFamily(6))).toEqual(rulesOfIp(capture.ip.rules6));
  });

  it('keeps to the rules of one family where that was asked for', () => {
    expect(rulesIn(decodeAll(capture.rules6))).toEqual(rules.filter((rule) => rule.family === 6));
  });

  it('gives the answers of ip route get, and its refusals', () => {
    for (const { query, answer, ip } of capture.lookups) {
      const messages = decodeAll(answer);
      if (typeof ip === 'string') expect(refusal(messages), JSON.stringify(query)).toBe(ip);
      else expect(routesAsIpSaysThem(routesIn(messages), links), JSON.stringify(query)).toEqual(routesOfIp(ip));
    }
  });

  it('has a carrier exactly where the driver sees the other side of a link that is up', () => {
    for (const link of links.filter(({ up }) => up)) expect(link.carrier, link.name).toBe(link.lowerUp);
  });

  it('finds one link by its name, an alternative name and its index', () => {
    expect(linksIn(decodeAll(capture.linkByName)).map((link) => link.name)).toEqual(['veth0']);
    expect(linksIn(decodeAll(capture.linkByAltName)).map((link) => link.name)).toEqual(['veth0']);
    expect(linksIn(decodeAll(capture.linkByIndex)).map((link) => link.index)).toEqual([1]);
  });

  it('keeps to one table where one was asked for', () => {
    expect(new Set(routesIn(decodeAll(capture.mainRoutes)).map((route) => route.table))).toEqual(new Set([254]));
  });

  it('tells of every change', () => {
    const heard = capture.notifications.map(({ datagrams }) => decodeAll(datagrams).length);
    expect(Math.min(...heard)).toBeGreaterThan(0);
  });
});

const native = await loadNative();

describe.skipIf(!native.supported)('the rules of this namespace, asked for', () => {
  it.each([4, 6] as const)('are those of ip rule, for IPv%i', (family) => {
    const { entries, consistent } = dumpRules({ family });
    expect(consistent).toBe(true);
    expect(entries.map((rule) => rule.priority)).toEqual(prioritiesByIp(family));
    expect(new Set(entries.map((rule) => rule.family))).toEqual(new Set([family]));
  });

  it('are those of both families where none is named', () => {
    expect(dumpRules().entries).toEqual([...dumpRules({ family: 4 }).entries, ...dumpRules({ family: 6 }).entries]);
  });

  function dumpRules(...options: Parameters<RequestClient['dumpRules']>): ReturnType<RequestClient['dumpRules']> {
    if (!native.supported) throw new Error(native.reason);
    const client = new RequestClient(native.libc);
    try {
      return client.dumpRules(...options);
    } finally {
      client.close();
    }
  }

  function prioritiesByIp(family: number): number[] {
    const { stdout } = spawnSync('ip', [`-${family}`, '-j', 'rule', 'show'], { encoding: 'utf8' });
    const rules: readonly { priority: number }[] = JSON.parse(stdout);
    return rules.map((rule) => rule.priority);
  }
});

function whyNoNamespace(): string | undefined {
  const { error, status, stderr } = spawnSync('unshare', [...UNSHARE, 'ip', 'link', 'show'], { encoding: 'utf8' });
  if (error !== undefined) return error.message;
  return status === 0 ? undefined : stderr.trim();
}

async function captureHere(): Promise<Capture> {
  const script = fileURLToPath(new URL('../unit/netlink/fixtures/capture.ts', import.meta.url));
  const { stdout } = await promisify(execFile)('unshare', [...UNSHARE, process.execPath, '--import', 'tsx', script], {
    maxBuffer: 64 * 1024 * 1024,
    timeout: 50_000,
  });
  return JSON.parse(stdout);
}

/** A refused request in the words of `ip`. */
function refusal(messages: readonly NetlinkMessage[]): string {
  const [message] = messages;
  if (message?.kind !== 'error') return `not refused but ${message?.kind}`;
  return `RTNETLINK answers: ${ERROR_TEXTS.get(message.status.errno) ?? message.status.errno}`;
}

/** strerror(3) */
const ERROR_TEXTS = new Map([
  [13, 'Permission denied'],
  [22, 'Invalid argument'],
  [101, 'Network is unreachable'],
  [113, 'No route to host'],
]);
