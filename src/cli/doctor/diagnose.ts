import { describeEgress, MEANING } from '../text/words.js';
import type { HostFacts } from './facts.js';

/**
 * What was found about one thing.
 *
 * - `works`: as it should.
 * - `limited`: something is not to be had, or has to be known, but outages are noticed all the same.
 * - `fails`: outages are noticed late, or not at all.
 * - `unused`: it is not to be had, and netpause has no use for it.
 */
export interface Finding {
  readonly subject: string;
  readonly verdict: 'works' | 'limited' | 'fails' | 'unused';
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** Facts → findings. */
export function diagnose(facts: HostFacts): readonly Finding[] {
  return [
    ffi(facts),
    netlink(facts),
    guard(facts),
    wayOut(facts),
    ...uplinks(facts),
    checkHosts(facts.snapshot),
    icmp(facts),
  ];
}

function ffi({ ffi, platform }: HostFacts): Finding {
  const subject = 'FFI';
  if (ffi.kind === 'koffi') return { subject, verdict: 'works', detail: 'koffi' };
  if (ffi.kind === 'node:ffi') return { subject, verdict: 'works', detail: `node:ffi (${ffi.reason})` };
  if (platform !== 'linux') return { subject, verdict: 'limited', detail: 'not needed: there is no netlink to call' };
  const advice = /DLOPEN_DISABLED|addons/i.test(ffi.reason)
    ? 'start Node.js with --allow-addons'
    : "reinstall netpause without --omit=optional, so that koffi's package for this platform is there";
  return { subject, verdict: 'fails', detail: ffi.reason, advice };
}

function netlink({ snapshot, platform }: HostFacts): Finding {
  const subject = 'netlink';
  const { source, sourceReason = 'no reason known' } = snapshot;
  if (source === 'netlink') return { subject, verdict: 'works', detail: 'the kernel tells of every change' };
  const detail = `interfaces are polled by ${source === 'proc' ? '/proc and /sys' : 'os.networkInterfaces()'}: ${sourceReason}`;
  if (platform !== 'linux') return { subject, verdict: 'limited', detail };
  return { subject, verdict: 'fails', detail, advice: adviceOnNetlink(sourceReason) };
}

function adviceOnNetlink(reason: string): string {
  if (reason.includes('enableNetlink')) return 'leave out --no-netlink';
  if (/EAFNOSUPPORT|EPERM|EACCES/.test(reason)) {
    return 'allow AF_NETLINK sockets in the seccomp profile or RestrictAddressFamilies=';
  }
  return 'see FFI above; until then outages are noticed up to a second later';
}

function guard({ guard }: HostFacts): Finding {
  const subject = 'carrier guard';
  if (guard.kind === 'not-asked') return { subject, verdict: 'limited', detail: 'needs netlink' };
  if (guard.kind === 'no-link') {
    return {
      subject,
      verdict: 'limited',
      detail: 'there is no link but the loopback, and that never loses its carrier',
    };
  }
  if (guard.kind === 'fails') return { subject, verdict: 'fails', detail: guard.reason };
  const cost = `a look at ${guard.interface} takes ${guard.cost.toFixed(0)} µs`;
  if (guard.linkKind === 'veth') {
    const detail = `${cost}; but it is one end of a virtual cable, as in a container, and keeps its carrier when the host loses the network`;
    return { subject, verdict: 'limited', detail, advice: 'rely on check hosts here: name near ones by --check-host' };
  }
  if (!guard.countsLosses) {
    return {
      subject,
      verdict: 'limited',
      detail: `${cost}; losses between two looks are not counted before Linux 4.16`,
    };
  }
  return { subject, verdict: 'works', detail: cost };
}

function wayOut({ snapshot }: HostFacts): Finding {
  const subject = 'way out';
  const { egress, state, reason } = snapshot;
  if (egress !== undefined) return { subject, verdict: 'works', detail: describeEgress(egress) };
  const detail =
    state === 'down' ? `${reason}: ${MEANING[reason]}` : 'there is none, and nothing says that there ever was one';
  return { subject, verdict: 'fails', detail, advice: 'look at ip address, ip route and the cable' };
}

/** Where a second uplink could take over, the kernel has to be told to let go of a dead one. */
function uplinks({ uplinks, ignoresRoutesWithLinkdown }: HostFacts): readonly Finding[] {
  if (uplinks.length < 2 || ignoresRoutesWithLinkdown !== false) return [];
  return [
    {
      subject: 'uplinks',
      verdict: 'limited',
      detail: `${uplinks.join(' and ')} have default routes, and the kernel goes on using one whose link has no carrier`,
      advice: 'sysctl -w net.ipv4.conf.all.ignore_routes_with_linkdown=1',
    },
  ];
}

function checkHosts({ checks, egress }: HostFacts['snapshot']): Finding {
  const subject = 'check hosts';
  const hosts = [...new Set(checks.map(({ host }) => host))];
  if (hosts.length === 0)
    return { subject, verdict: 'limited', detail: 'none was asked: losses beyond the next hop go unseen' };
  const silent = hosts.filter((host) => !checks.some((check) => check.host === host && check.reachable));
  if (silent.length === 0) return { subject, verdict: 'works', detail: `all answer: ${hosts.join(', ')}` };
  const codes = [...new Set(checks.filter(({ host }) => silent.includes(host)).map(({ error = 'silent' }) => error))];
  const detail = `${silent.join(', ')}: no answer (${codes.join(', ')})`;
  const verdict = silent.length < hosts.length ? 'limited' : 'fails';
  // Their silence says nothing of them yet.
  if (egress === undefined) return { subject, verdict, detail, advice: 'look again when there is a way out' };
  if (verdict === 'limited') {
    return { subject, verdict, detail, advice: 'leave it out, or the state is degraded for good' };
  }
  return { subject, verdict, detail, advice: 'name hosts that answer from here by --check-host' };
}

/** What other tools ping with. A host that refuses it misses no outage. */
function icmp({ icmp: { ipv4, ipv6 } }: HostFacts): Finding {
  const subject = 'ICMP';
  const refused = [...(ipv4.kind === 'works' ? [] : ['IPv4']), ...(ipv6.kind === 'works' ? [] : ['IPv6'])];
  if (refused.length === 0) return { subject, verdict: 'works', detail: 'unprivileged ping works' };
  const what = refused.length === 2 ? 'no unprivileged ping' : `no unprivileged ping by ${refused.join()}`;
  return { subject, verdict: 'unused', detail: `${what}; netpause does not use it` };
}
