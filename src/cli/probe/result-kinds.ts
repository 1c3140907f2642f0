import type {
  BandwidthResult,
  GeoLocation,
  HostResult,
  ProbeResult,
  TraceAddress,
  TraceFacts,
  TraceHop,
  TracePhase,
  VoiceQuality,
} from '../../probes/index.js';

/** Somebody on a path, with its place where files that the user has named know it. */
export interface PathAddress extends TraceAddress {
  readonly geo?: GeoLocation;
}

/** A hop whose addresses may have places. */
export interface PathHop extends TraceHop {
  readonly addresses: readonly PathAddress[];
}

/** The facts of a trace, with places. */
export interface PathFacts extends TraceFacts {
  readonly hops: readonly PathHop[];
}

/** A result that tells of a path. */
export type PathResult = ProbeResult<PathFacts, TracePhase>;

export function isTrace(result: ProbeResult): result is PathResult {
  return result.probe === 'trace';
}

export function isBandwidth(result: ProbeResult): result is BandwidthResult {
  return result.probe === 'bandwidth';
}

export function isHost(result: ProbeResult): result is HostResult {
  return result.probe === 'host';
}

/** Where the address is that was asked, as far as files know. */
export function geoOf({ facts }: ProbeResult): GeoLocation | undefined {
  return 'geo' in facts && isGeo(facts.geo) ? facts.geo : undefined;
}

/** How speech would sound, by codec; empty where nobody asked. */
export function voiceOf({ facts }: ProbeResult): readonly (readonly [codec: string, quality: VoiceQuality])[] {
  if (!('voice' in facts) || typeof facts.voice !== 'object' || facts.voice === null) return [];
  return Object.entries(facts.voice).filter((entry): entry is [string, VoiceQuality] => isQuality(entry[1]));
}

function isGeo(value: unknown): value is GeoLocation {
  return typeof value === 'object' && value !== null;
}

function isQuality(value: unknown): value is VoiceQuality {
  return typeof value === 'object' && value !== null && 'r' in value && 'mos' in value;
}
