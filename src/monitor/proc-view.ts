import { networkInterfaces } from 'node:os';
import type { KernelView, KernelViewHandlers, LinkFacts, NetworkInterface } from './kernel-view.js';
import { openPolledView, type PolledSource, type Reading } from './polled-view.js';
import { type ListInterfaces, readAddresses } from './proc-addresses.js';
import { lookUpRoute, type ProcAddress, type RoutingFacts } from './proc-lookup.js';
import { hasOtherTables, parseRoutes4, parseRoutes6 } from './proc-net.js';
import { showsThisNamespace } from './same-namespace.js';
import { describeLink, readLink, readLinks } from './sysfs-links.js';
import { type SystemFiles, systemFiles } from './system-files.js';

/**
 * The view by the kernel's files: links by /sys/class/net, routes and addresses by /proc/net. It knows carriers and routes as netlink does,
 * but has to look for changes, and knows nothing of the rules and tables of policy routing.
 *
 * @throws {Error} where these files cannot be read, or where /sys shows another network namespace than that of this process.
 */
export function openProcView(
  interval: number,
  handlers: KernelViewHandlers,
  files: SystemFiles = systemFiles,
  list: ListInterfaces = networkInterfaces,
): KernelView {
  if (!showsThisNamespace(files, list)) throw new Error('/sys shows the links of another network namespace');
  const source = new ProcFiles(files, list);
  return openPolledView<Found>(source, source.read(), interval, handlers);
}

interface Found extends Reading, RoutingFacts {
  readonly addresses: readonly ProcAddress[];
  readonly routes: Routes;
}

/** What is known of the routes of each family. */
interface Routes extends Pick<RoutingFacts, 'routes4' | 'routes6'> {
  /** Equal as long as the routes are. */
  readonly fingerprint: string;
}

class ProcFiles implements PolledSource<Found> {
  readonly source = 'proc';
  readonly lookup = lookUpRoute;
  readonly #files: SystemFiles;
  readonly #list: ListInterfaces;

  constructor(files: SystemFiles, list: ListInterfaces) {
    this.#files = files;
    this.#list = list;
  }

  read(before?: Found): Found {
    const links = readLinks(this.#files, before?.links);
    const routes = readRoutes(this.#files, before?.routes);
    return this.#toFound(links, routes, this.#readAddresses(links, routes, before));
  }

  readLink(before: Found, index: number): Found {
    const name = before.links.get(index)?.name;
    const link = name === undefined ? undefined : readLink(this.#files, name, before.links);
    // It is gone, was renamed, or its name is that of another one now.
    if (link?.index !== index) return this.read(before);
    const links = new Map(before.links).set(index, link);
    const routes = readRoutes(this.#files, before.routes);
    // An address that comes or goes takes a route along, and reading all addresses is what costs most.
    const addresses = routes === before.routes ? before.addresses : this.#readAddresses(links, routes, before);
    return this.#toFound(links, routes, addresses);
  }

  interfaces(): readonly NetworkInterface[] {
    const { links, addresses } = this.read();
    return [...links.values()].map((link) => ({
      ...describeLink(this.#files, link),
      addresses: addresses
        .filter(({ ifIndex }) => ifIndex === link.index)
        .map(({ family, address, prefixLength, scope }) => ({
          family,
          address,
          prefixLength,
          ...(scope !== undefined && { scope }),
        })),
    }));
  }

  #readAddresses(links: Found['links'], { routes4 }: Routes, before: Found | undefined): readonly ProcAddress[] {
    return readAddresses(this.#files, this.#list, { links, routes4, before: before?.addresses ?? [] });
  }

  #toFound(links: Found['links'], routes: Routes, addresses: readonly ProcAddress[]): Found {
    const passedOver = readPassedOver(this.#files, links);
    const { routes4, routes6 } = routes;
    const fingerprint = `${routes.fingerprint} ${JSON.stringify([addresses, [...passedOver]])}`;
    return { links, addresses, routes, routes4, routes6, passedOver, fingerprint };
  }
}

/**
 * Bytes of a table of routes, about two thousand of them, beyond which it is not read: a host with so many is a router, and reading a full
 * BGP table would hold the event loop up for seconds.
 */
const LARGEST_TABLE = 256 * 1024;

function readRoutes(files: SystemFiles, before: Routes | undefined): Routes {
  const text4 = files.text('/proc/net/route', LARGEST_TABLE);
  // Only now: for each table, the kernel has to go through all routes.
  const tables = text4 === undefined ? undefined : files.text('/proc/net/fib_triestat');
  const text6 = hasIpv6(files) ? files.text('/proc/net/ipv6_route', LARGEST_TABLE) : '';
  const policy = tables === undefined || hasOtherTables(tables);
  const fingerprint = `${policy} ${text4} ${text6?.replace(USE_COUNTS, '')}`;
  if (fingerprint === before?.fingerprint) return before;
  // Rules for IPv4 seldom come alone, and those for IPv6 cannot be seen.
  return {
    routes4: policy || text4 === undefined ? undefined : parseRoutes4(text4),
    routes6: policy || text6 === undefined ? undefined : parseRoutes6(text6),
    fingerprint,
  };
}

function hasIpv6(files: SystemFiles): boolean {
  return files.text('/proc/net/if_inet6') !== undefined;
}

/** How often an IPv6 route is referred to and was used, before its flags and its interface. */
const USE_COUNTS = / [\da-f]{8} [\da-f]{8}(?= [\da-f]{8} +\S+\n)/g;

/** The links whose IPv4 routes the kernel does not use while they have no carrier; the setting is asked for where that is so. */
function readPassedOver(files: SystemFiles, links: ReadonlyMap<number, LinkFacts>): ReadonlySet<string> {
  const isSet = (name: string) =>
    files.text(`/proc/sys/net/ipv4/conf/${name}/ignore_routes_with_linkdown`)?.trim() === '1';
  const silent = [...links.values()].filter(({ adminUp, carrier }) => adminUp && !carrier).map(({ name }) => name);
  if (silent.length === 0) return NONE;
  return new Set(isSet('all') ? silent : silent.filter(isSet));
}

const NONE: ReadonlySet<string> = new Set();
