import { readFile } from 'node:fs/promises';
import { loadNative, type NativeSupport } from '../../../native/index.js';
import {
  type NetworkInterface,
  NetworkMonitor,
  type NetworkMonitorOptions,
  type NetworkSnapshot,
} from '../../monitor/index.js';
import { RequestClient } from '../../netlink/index.js';
import { firstLook } from '../first-look.js';
import { explain } from '../text/words.js';
import type { FfiFacts, GuardFacts, HostFacts, SocketFacts } from './facts.js';

/** Tries on this host what netpause rests on. */
export async function examine(options: NetworkMonitorOptions, signal: AbortSignal): Promise<HostFacts> {
  const native = await loadNative();
  const monitor = new NetworkMonitor(options);
  let judgedBy: string | undefined;
  const unsubscribe = monitor.onChange((change) => {
    judgedBy = change.interface;
  });
  try {
    await firstLook(monitor, signal);
    const snapshot = monitor.snapshot();
    const interfaces = monitor.interfaces();
    const uplinks = uplinksOf(native, interfaces);
    const guarded = snapshot.egress?.ifIndex ?? lostLink(interfaces, [judgedBy, ...uplinks]);
    return {
      platform: process.platform,
      ffi: ffiFacts(native),
      guard: guardFacts(native, snapshot, guarded),
      icmp: { ipv4: icmpFacts(native, AF_INET, IPPROTO_ICMP), ipv6: icmpFacts(native, AF_INET6, IPPROTO_ICMPV6) },
      ignoresRoutesWithLinkdown: toBoolean(await sysctl('net/ipv4/conf/all/ignore_routes_with_linkdown')),
      snapshot,
      uplinks,
    };
  } finally {
    unsubscribe();
    await monitor.stop();
  }
}

function ffiFacts(native: NativeSupport): FfiFacts {
  if (!native.supported) return { kind: 'none', reason: native.reason };
  return native.ffi === 'koffi' ? { kind: 'koffi' } : { kind: 'node:ffi', reason: native.reason ?? '' };
}

/**
 * The link that the way out had, where there is none: the one that the verdict rests on, or that a default route leads over; where nothing tells
 * of any, the first that is not the loopback.
 */
function lostLink(
  interfaces: readonly NetworkInterface[],
  candidates: readonly (string | undefined)[],
): number | undefined {
  const known = candidates.flatMap((name) => interfaces.find((each) => each.name === name) ?? []);
  return (known[0] ?? interfaces.find(({ flags }) => !flags.includes('LOOPBACK')))?.index;
}

/** Asks as the guard does, often enough that the compiler's warming up does not count. */
function guardFacts(native: NativeSupport, { source }: NetworkSnapshot, index: number | undefined): GuardFacts {
  if (!native.supported || source !== 'netlink') return { kind: 'not-asked' };
  if (index === undefined) return { kind: 'no-link' };
  let client: RequestClient | undefined;
  try {
    client = new RequestClient(native.libc);
    const costs: number[] = [];
    for (let count = 0; count < LOOKS; count += 1) {
      const startedAt = performance.now();
      client.link({ index });
      costs.push((performance.now() - startedAt) * 1_000);
    }
    const link = client.link({ index });
    if (link === undefined) return { kind: 'fails', reason: `the link ${index} has just vanished` };
    return {
      kind: 'answers',
      interface: link.name,
      cost: costs.sort((a, b) => a - b)[LOOKS / 2] ?? 0,
      countsLosses: link.carrierDownCount !== undefined,
      linkKind: link.kind,
    };
  } catch (error) {
    return { kind: 'fails', reason: explain(error) };
  } finally {
    client?.close();
  }
}

const LOOKS = 50;

function uplinksOf(native: NativeSupport, interfaces: readonly NetworkInterface[]): readonly string[] {
  if (!native.supported) return [];
  let client: RequestClient | undefined;
  try {
    client = new RequestClient(native.libc);
    const routes = client.dumpRoutes({ family: 4, table: MAIN_TABLE }).entries;
    const ways = routes.filter(({ prefixLength }) => prefixLength === 0).flatMap((route) => [route, ...route.nextHops]);
    const names = ways.flatMap(
      ({ ifIndex }) => interfaces.find(({ index }) => index === ifIndex && index !== undefined)?.name ?? [],
    );
    return [...new Set(names)];
  } catch {
    // That netlink is refused is a finding of its own.
    return [];
  } finally {
    client?.close();
  }
}

// include/uapi/linux/rtnetlink.h
const MAIN_TABLE = 254;

/** An ICMP datagram socket is what an unprivileged ping is made with (icmp(7)). */
function icmpFacts(native: NativeSupport, family: number, protocol: number): SocketFacts {
  if (!native.supported) return { kind: 'refused', code: 'no FFI' };
  try {
    native.libc.close(native.libc.socket(family, SOCK_DGRAM | SOCK_CLOEXEC, protocol));
    return { kind: 'works' };
  } catch (error) {
    return { kind: 'refused', code: error instanceof Error && 'code' in error ? String(error.code) : explain(error) };
  }
}

// include/linux/socket.h, include/linux/net.h, include/uapi/linux/in.h, in6.h
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0x8_0000;
const IPPROTO_ICMP = 1;
const IPPROTO_ICMPV6 = 58;

async function sysctl(path: string): Promise<string | undefined> {
  const text = await readFile(`/proc/sys/${path}`, 'utf8').catch(() => undefined);
  return text?.trim();
}

function toBoolean(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text !== '0';
}
