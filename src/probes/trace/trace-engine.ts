import {
  KernelClock,
  type Libc,
  loadNative,
  MessageBatch,
  type NativeSupport,
  openReadiness,
  type PacketOptions,
  socketAddress,
} from '../../../native/index.js';
import { type Ip, parseIp } from '../../netlink/index.js';
import { inconclusive } from '../failure.js';
import { failureToOpen } from '../ping/open-icmp-socket.js';
import type { ProbeFailure } from '../result.js';
import type { CourseOutcome, CoursePlan } from './course-plan.js';
import { DatagramProber } from './datagram-prober.js';
import { PortLeases } from './flow-ports.js';
import { FlowSockets } from './flow-sockets.js';
import { KnownDistances } from './known-distances.js';
import { Pace } from './pace.js';
import type { Prober, ProberListener } from './prober.js';
import { TcpProber } from './tcp-prober.js';
import { TraceFlight } from './trace-flight.js';
import type { TraceSettings } from './trace-options.js';
import type { TraceParts } from './trace-parts.js';

export interface TraceRequest {
  readonly ip: Ip;
  /** 0 for ICMP. */
  readonly port: number;
  readonly settings: TraceSettings;
}

/** What came of it, or why nothing could be sent at all. */
export type TraceReport =
  | { readonly kind: 'asked'; readonly outcome: CourseOutcome; readonly flowIds: readonly number[] }
  | { readonly kind: 'unavailable'; readonly failure: ProbeFailure };

/**
 * How many probes this process sends in a second, and how many at once. A Linux router sends a thousand ICMP errors a second at most, for all
 * who ask (net.ipv4.icmp_msgs_per_sec), and of a trace's probes each router answers only those that end with it: one in as many as there are
 * hops.
 */
const PER_SECOND = 4_000;
const AT_ONCE = 256;

/** Bytes of an error that are read: routers quote less than IPv6's smallest MTU. */
const MESSAGE_LENGTH = 1_536;

/** Traces the ways to any number of targets. Sockets are open while there is something on its way, and the process is kept alive as long. */
export class TraceEngine {
  readonly #load: () => Promise<NativeSupport>;
  readonly #pace = new Pace(PER_SECOND, AT_ONCE);
  readonly #leases = new PortLeases();
  readonly #distances = new KnownDistances();
  #shared: { readonly parts: TraceParts; readonly sockets: FlowSockets } | undefined;
  #memory: Pick<TraceParts, 'batch' | 'clock'> | undefined;
  #running = 0;

  constructor(load: () => Promise<NativeSupport> = loadNative) {
    this.#load = load;
  }

  /** Resolves when all is answered or given up, or the signal aborts: then with what is known by then. */
  async run(request: TraceRequest, signal: AbortSignal): Promise<TraceReport> {
    const native = await this.#load();
    if (!native.supported) {
      return unavailable(inconclusive('unsupported', `traceroute is not supported here: ${native.reason}`));
    }
    try {
      return await this.#trace(native.libc, request, signal);
    } catch (error) {
      const failure = failureToOpen(error, OTHERWISE);
      if (failure === undefined) throw error;
      return unavailable(failure);
    }
  }

  async #trace(libc: Libc, request: TraceRequest, signal: AbortSignal): Promise<TraceReport> {
    const { parts, sockets } = this.#open(libc);
    this.#running += 1;
    try {
      const { ip, settings } = request;
      const [method, address] = [settings.method, ip.bytes.join('.')];
      const plan = planOf(request, this.#distances.of(method, address));
      const flight = new TraceFlight(plan, { readiness: parts.readiness, pace: this.#pace });
      const prober = proberFor(request, { parts, sockets, leases: this.#leases }, flight);
      const outcome = this.#distances.settle(method, address, await flight.run(prober, signal));
      return { kind: 'asked', outcome, flowIds: prober.flowIds };
    } finally {
      this.#running -= 1;
      this.#closeUnused();
    }
  }

  #open(libc: Libc): { readonly parts: TraceParts; readonly sockets: FlowSockets } {
    this.#memory ??= {
      batch: new MessageBatch(libc, { messageLength: MESSAGE_LENGTH }),
      clock: new KernelClock(libc),
    };
    if (this.#shared === undefined) {
      const parts = { libc, ...this.#memory, readiness: openReadiness(libc) };
      this.#shared = { parts, sockets: new FlowSockets(parts) };
    }
    return this.#shared;
  }

  #closeUnused(): void {
    if (this.#running > 0) return;
    this.#shared?.parts.readiness.close();
    this.#shared = undefined;
  }
}

interface ProberParts {
  readonly parts: TraceParts;
  readonly sockets: FlowSockets;
  readonly leases: PortLeases;
}

function proberFor(
  { ip, port, settings }: TraceRequest,
  { parts, sockets, leases }: ProberParts,
  listener: ProberListener,
): Prober {
  const { method, flows, keepFlow, sourcePort, source, interface: device, mark, dscp } = settings;
  const packets: PacketOptions = {
    family: ip.family,
    source: source === undefined ? undefined : parseIp(source)?.bytes,
    interface: device,
    mark,
    dscp,
  };
  const to = socketAddress(ip.bytes, port);
  if (method !== 'tcp') {
    const socket = { ...packets, method, sourcePort };
    return new DatagramProber(sockets, { ip: ip.bytes, to, flows, socket }, listener);
  }
  const request = { ip: ip.bytes, to, flows, sourcePort: keepFlow ? sourcePort : undefined, packets };
  return new TcpProber(parts, leases, request, listener);
}

function planOf({ settings }: TraceRequest, distance: number | undefined): CoursePlan {
  const { method, keepFlow, maxHops, rounds, flows, interval, timeout } = settings;
  return {
    maxHops,
    rounds,
    flows,
    interval,
    timeout,
    window: WINDOW,
    distance: distance === undefined ? undefined : Math.min(distance, maxHops),
    isSerial: method === 'tcp' && keepFlow,
  };
}

/** Hops. With the two rounds that are sent ahead of the answers, that is twenty probes on their way; traceroute(8) has sixteen. */
const WINDOW = 10;

function unavailable(failure: ProbeFailure): TraceReport {
  return { kind: 'unavailable', failure };
}

const OTHERWISE = "or trace with the method 'udp' or 'tcp', which need no permission";
