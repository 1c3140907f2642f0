import { type HopRecord, locationSchema, type ReportedMetrics, WIRE_LIMITS } from '../wire/index.js';

/** How packets go from one location to another, as the last trace has it. */
export interface Route {
  readonly source: string;
  readonly target: string;
  readonly hops: readonly HopRecord[];
  /** When the trace was made: milliseconds since 1970. */
  readonly at: number;
  /** In 10⁶ bits a second, where it was measured. */
  readonly bandwidthMbps?: number;
  /** Whether the last check of the target found it; absent where that is not known, or could not be told. */
  readonly isReachable?: boolean;
}

/** What one member has reported, and where it is. */
export interface LocatedReport {
  readonly location: string;
  readonly metrics: ReportedMetrics;
  /** When it was reported: milliseconds since 1970. */
  readonly at: number;
}

/** Routes of one Netring member. */
const MOST_ROUTES = 10_000;

/** Stretches from one hop to the next that a topology shows. Beyond that nobody could read it. */
const MOST_STRETCHES = 20_000;

/**
 * The newest route between each two locations. Of members of the same location none is shown: nothing lies between them as a rule. Where there are
 * more than can be shown, the reports behind those are not read.
 */
export function routesOf(reports: Iterable<LocatedReport>): readonly Route[] {
  const newest = new Map<string, Route>();
  let stretches = 0;
  for (const report of reports) {
    for (const route of routesIn(report)) {
      if (route.source === route.target) continue;
      const id = JSON.stringify([route.source, route.target]);
      const known = newest.get(id);
      if (known !== undefined && known.at > route.at) continue;
      stretches += stretchesOf(route) - (known === undefined ? 0 : stretchesOf(known));
      newest.set(id, route);
    }
    if (stretches > MOST_STRETCHES) break;
  }
  return bounded([...newest.values()]);
}

/** The newest route from one location to another, however many there are beside it; undefined where none is known. */
export function routeBetween(reports: Iterable<LocatedReport>, source: string, target: string): Route | undefined {
  let newest: Route | undefined;
  for (const report of reports) {
    if (report.location !== source) continue;
    for (const route of routesIn(report)) {
      if (route.target === target && route.at >= (newest?.at ?? 0)) newest = route;
    }
  }
  return newest;
}

/** As many as there are stretches to show. */
function bounded(routes: readonly Route[]): readonly Route[] {
  let stretches = 0;
  const end = routes.findIndex((route) => {
    stretches += stretchesOf(route);
    return stretches > MOST_STRETCHES;
  });
  return end === -1 ? routes : routes.slice(0, end);
}

function stretchesOf({ hops }: Route): number {
  return hops.length + 1;
}

function routesIn({ location, metrics, at }: LocatedReport): readonly Route[] {
  // Read once.
  const report = { location, metrics, at };
  return metrics.checks === undefined ? foreignRoutes(report) : ownRoutes(report);
}

function ownRoutes({ location, metrics: { checks = [] } }: LocatedReport): readonly Route[] {
  const bandwidths = new Map(
    checks.flatMap(({ type, target, bandwidth_mbps: mbps }) =>
      type === 'bandwidth' && mbps !== undefined ? [[target, mbps]] : [],
    ),
  );
  const reachable = new Map(
    checks.flatMap(({ type, target, verdict }) =>
      type === 'tcp' && verdict !== 'inconclusive' ? [[target, verdict === 'ok']] : [],
    ),
  );
  return checks.flatMap(({ type, target, target_location: to, hops, at }) => {
    if (type !== 'traceroute' || hops === undefined) return [];
    const bandwidthMbps = bandwidths.get(target);
    const isReachable = reachable.get(target);
    return [
      {
        source: location,
        target: to,
        hops,
        at,
        ...(bandwidthMbps !== undefined && { bandwidthMbps }),
        ...(isReachable !== undefined && { isReachable }),
      },
    ];
  });
}

/** Of a Netring member: `detailed_traceroute_data` and `bandwidth_tests`, by the same keys. What does not look like it is left out. */
function foreignRoutes({ location, metrics, at }: LocatedReport): readonly Route[] {
  const traces = fieldsOf(metrics['detailed_traceroute_data']);
  return traces.slice(0, MOST_ROUTES).flatMap(([key, trace]) => {
    const target = fieldOf(trace, 'target_location');
    const hops = fieldOf(trace, 'hops');
    if (!isName(target) || !Array.isArray(hops)) return [];
    const mbps = fieldOf(fieldOf(metrics['bandwidth_tests'], key), 'bandwidth_mbps');
    const seconds = fieldOf(trace, 'timestamp');
    return [
      {
        source: location,
        target,
        hops: hops.slice(0, WIRE_LIMITS.hops).flatMap(hopOf),
        at: typeof seconds === 'number' ? seconds * 1_000 : at,
        ...(typeof mbps === 'number' && { bandwidthMbps: mbps }),
      },
    ];
  });
}

function hopOf(value: unknown): readonly HopRecord[] {
  const [hop, ip, latency] = ['hop', 'ip', 'latency_ms'].map((name) => fieldOf(value, name));
  if (typeof hop !== 'number' || !isName(ip)) return [];
  return [{ hop, ip, latency_ms: typeof latency === 'number' && latency >= 0 ? latency : null }];
}

function isName(value: unknown): value is string {
  return locationSchema.safeParse(value).success;
}

function fieldsOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? Reflect.get(value, name)
    : undefined;
}
