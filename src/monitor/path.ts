import type { PathReason } from '../state/index.js';
import {
  type AddressFacts,
  hasCarrier,
  type KernelView,
  type LinkFacts,
  type RouteLookup,
  type SocketTraits,
} from './kernel-view.js';

/** The way out that the kernel chose. Two paths with equal values are on the same network. */
export interface Egress {
  /** The kernel's number of the interface. */
  readonly ifIndex: number;
  /** Its name, such as `'eth0'`. */
  readonly interface: string;
  /** The first router; absent where the destination is on the link itself. */
  readonly gateway?: string;
  /** The address that packets leave with. */
  readonly source?: string;
}

/** The kernel's evidence on one destination. */
export type PathVerdict =
  | {
      readonly kind: 'open';
      readonly egress: Egress;
      /** Whether it is the kernel's own choice, or one that the kernel would not make because it prefers an interface that does not count. */
      readonly chosenBy: 'kernel' | 'option';
    }
  | { readonly kind: 'closed'; readonly reason: PathReason; readonly interface?: string }
  /** There is no path, but as far as is known there never was one, and nothing is broken: an air-gapped host, or loopback alone. */
  | { readonly kind: 'unproven' };

/** The facts that a path is judged by. */
export type PathFacts = Pick<KernelView, 'links' | 'addresses' | 'lookup'>;

export interface PathQuestion {
  /** The IP addresses that the destination's name stands for; it is without a path only when none of them has one. */
  readonly destinations: readonly string[];
  /** The TCP ports that it is reached on, where routing policy may tell them apart; one with a path is enough. */
  readonly ports?: readonly number[];
  /** What else the sockets of the work have. */
  readonly traits?: Pick<SocketTraits, 'source' | 'mark'>;
  /** The way out that was last seen open, if there ever was one. */
  readonly lastEgress?: Egress | undefined;
  /** Which interfaces count as a way out. */
  readonly allowed: (interfaceName: string) => boolean;
}

/**
 * Judges whether a destination can be reached as far as the kernel knows: its own look-up for that destination, then the link which that
 * names. The routing table alone proves nothing: when a cable is pulled, the default route stays and the kernel goes on using it.
 */
export function judgePath(facts: PathFacts, question: PathQuestion): PathVerdict {
  const findings: Finding[] = [];
  for (const packet of packetsOf(question)) {
    const finding = judgePacket(facts, packet, question);
    if (finding.kind === 'open') return finding;
    findings.push(finding);
  }
  return withoutOpen(findings) ?? { kind: 'unproven' };
}

/** What was found of one packet; `unanswered` where nothing is known about its way. */
type Finding = PathVerdict | { readonly kind: 'unanswered' };

/** All that is closed is closed for certain only where nothing was left unanswered. */
function withoutOpen(findings: readonly Finding[]): PathVerdict | undefined {
  if (findings.some(({ kind }) => kind === 'unanswered')) return { kind: 'unproven' };
  return findings.find((finding) => finding.kind === 'closed');
}

/** A name for the network that a path leads into, equal for equal egress, gateway and source address. */
export function networkKey(egress: Egress): string {
  return `${egress.interface} ${egress.gateway ?? ''} ${egress.source ?? ''}`;
}

/** A name for the way out of this host, equal for what leaves by the same interface and gateway. */
export function wayKey({ ifIndex, gateway }: Egress): string {
  return `${ifIndex} ${gateway ?? ''}`;
}

/** Equal for equal verdicts, save for who chose the way. */
export function pathKey(path: PathVerdict): string {
  if (path.kind === 'open') return `open ${networkKey(path.egress)}`;
  return path.kind === 'closed' ? `closed ${path.reason} ${path.interface}` : path.kind;
}

/** What is looked up: a packet as the kernel would see it. */
interface Packet {
  readonly destination: string;
  readonly traits: SocketTraits;
}

function packetsOf({ destinations, ports = [], traits = {} }: PathQuestion): readonly Packet[] {
  const { source } = traits;
  // A socket that is bound to an address of one family cannot go to the other.
  const possible = destinations.filter((each) => source === undefined || familyOf(source) === familyOf(each));
  if (ports.length === 0) return possible.map((destination) => ({ destination, traits }));
  return possible.flatMap((destination) => ports.map((port) => ({ destination, traits: { ...traits, port } })));
}

function judgePacket(facts: PathFacts, { destination, traits }: Packet, question: PathQuestion): Finding {
  const { source } = traits;
  if (source !== undefined && !isAssigned(facts, source)) {
    // Where not even routes are known, neither are addresses.
    return facts.lookup(destination).kind === 'unanswered' ? UNANSWERED : { kind: 'closed', reason: 'no-address' };
  }
  const lookup = facts.lookup(destination, traits);
  if (source !== undefined && lookup.kind === 'refused' && !isLocal(facts, source)) {
    return { kind: 'closed', reason: 'no-address' };
  }
  const verdict = judgeLookup(facts, destination, lookup, question.lastEgress);
  if (verdict.kind !== 'open' || isAllowed(facts, verdict.egress, question)) return verdict;
  return judgeAllowedLinks(facts, { destination, traits }, question);
}

/** A look-up is live, and the table of addresses as old as the last event: to an address of its own, the kernel's way is the loopback. */
export function isLocal(facts: PathFacts, address: string): boolean {
  const lookup = facts.lookup(address);
  return lookup.kind === 'route' && facts.links().get(lookup.ifIndex)?.loopback === true;
}

const UNANSWERED: Finding = { kind: 'unanswered' };

function isAssigned(facts: PathFacts, source: string): boolean {
  for (const { address, usable } of facts.addresses()) if (usable && address === source) return true;
  return false;
}

function isAllowed(facts: PathFacts, egress: Egress, question: PathQuestion): boolean {
  // Traffic of the host to itself leaves by no interface that could be listed.
  return facts.links().get(egress.ifIndex)?.loopback === true || question.allowed(egress.interface);
}

/** The kernel prefers an interface that does not count: is there a way by one that does? */
function judgeAllowedLinks(facts: PathFacts, { destination, traits }: Packet, question: PathQuestion): Finding {
  const findings: Finding[] = [];
  for (const link of facts.links().values()) {
    if (link.loopback || !question.allowed(link.name)) continue;
    const lookup = facts.lookup(destination, { ...traits, ifIndex: link.index });
    const finding = judgeLookup(facts, destination, lookup, question.lastEgress);
    if (finding.kind === 'open') return { ...finding, chosenBy: 'option' };
    findings.push(finding);
  }
  // That none of the interfaces that count is there at all is a loss that can be seen.
  if (findings.length === 0) return { kind: 'closed', reason: 'link-down' };
  return withoutOpen(findings) ?? { kind: 'unproven' };
}

function judgeLookup(
  facts: PathFacts,
  destination: string,
  lookup: RouteLookup,
  lastEgress: Egress | undefined,
): Finding {
  if (lookup.kind === 'unanswered') return UNANSWERED;
  if (lookup.kind === 'refused') return explainRefusal(facts, destination, lastEgress);
  const link = facts.links().get(lookup.ifIndex);
  if (link === undefined) return { kind: 'closed', reason: 'link-down' };
  const broken = brokenLink(link);
  if (broken !== undefined) return { kind: 'closed', reason: broken, interface: link.name };
  if (!hasUsableSource(destination, lookup.source)) {
    return { kind: 'closed', reason: 'no-address', interface: link.name };
  }
  return {
    kind: 'open',
    chosenBy: 'kernel',
    egress: {
      ifIndex: link.index,
      interface: link.name,
      ...(lookup.gateway !== undefined && { gateway: lookup.gateway }),
      ...(lookup.source !== undefined && { source: lookup.source }),
    },
  };
}

/** Why a look-up finds nothing: setting a link down and removing its address both take its routes along. */
function explainRefusal(facts: PathFacts, destination: string, lastEgress: Egress | undefined): PathVerdict {
  const family = familyOf(destination);
  // What is known of the way by the other family says nothing about this one.
  if (lastEgress?.source !== undefined && familyOf(lastEgress.source) === family) {
    // By name as well: a link that was deleted and made again has another index.
    const link = facts.links().get(lastEgress.ifIndex) ?? findByName(facts, lastEgress.interface);
    const reason = link === undefined ? 'link-down' : (brokenFor(facts, link, family) ?? 'no-route');
    return { kind: 'closed', reason, interface: lastEgress.interface };
  }
  return explainWithoutHistory(facts);
}

/**
 * There was never a path. That is an outage only where something is visibly broken and nothing else stands in its place; a host whose links
 * are all in order simply is not connected to that destination, and silence must not pause its work.
 */
function explainWithoutHistory(facts: PathFacts): PathVerdict {
  let broken: PathVerdict | undefined;
  for (const link of facts.links().values()) {
    if (link.loopback) continue;
    const reason = brokenFor(facts, link, 'any');
    if (reason === undefined) return { kind: 'unproven' };
    if (isUplinkLike(link)) broken ??= { kind: 'closed', reason, interface: link.name };
  }
  return broken ?? { kind: 'unproven' };
}

/**
 * An idle container bridge has no carrier and its ports no address, for ever; and a virtual link that nobody ever set up may just have come
 * with its kernel module (tunl0, sit0). None of them says anything about the way out.
 */
function isUplinkLike(link: LinkFacts): boolean {
  if (link.kind === 'bridge' || link.master !== undefined) return false;
  return link.kind === undefined || link.adminUp;
}

type Family = 4 | 6;

function familyOf(address: string): Family {
  return address.includes(':') ? 6 : 4;
}

function brokenFor(facts: PathFacts, link: LinkFacts, family: Family | 'any'): PathReason | undefined {
  return brokenLink(link) ?? (hasAddress(facts.addresses(), link.index, family) ? undefined : 'no-address');
}

function brokenLink(link: LinkFacts): PathReason | undefined {
  if (!link.adminUp) return 'link-down';
  return hasCarrier(link) ? undefined : 'no-carrier';
}

function hasAddress(addresses: Iterable<AddressFacts>, ifIndex: number, family: Family | 'any'): boolean {
  for (const address of addresses) {
    if (address.ifIndex !== ifIndex || !address.usable || address.linkLocal) continue;
    if (family === 'any' || address.family === family) return true;
  }
  return false;
}

/**
 * IPv4 look-ups always name a source where there is one. An IPv6 look-up falls back on a link-local source when the link has no other
 * address, which no host beyond that link can answer.
 */
function hasUsableSource(destination: string, source: string | undefined): boolean {
  if (familyOf(destination) === 4) return source !== undefined && source !== '0.0.0.0';
  if (source === undefined || source === '::') return false;
  return isLinkLocal6(destination) || !isLinkLocal6(source);
}

function isLinkLocal6(address: string): boolean {
  // fe80::/10, RFC 4291 section 2.5.6
  return /^fe[89ab]/i.test(address);
}

function findByName(facts: PathFacts, name: string): LinkFacts | undefined {
  for (const link of facts.links().values()) if (link.name === name) return link;
  return undefined;
}
