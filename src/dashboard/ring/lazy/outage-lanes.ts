import type { BrokenPath } from '../../../ring/registry/index.js';
import type { MemberOutage } from '../../../ring/wire/index.js';
import { count, formatDuration } from '../../parts/text/numbers.js';
import type { Lane, Look, Span, TimeRange } from '../../parts/timeline/timeline-model.js';
import { type CausedPart, causedParts } from './outage-causes.js';

/** What lanes are made of. */
export interface OutageFacts {
  readonly outages: readonly MemberOutage[];
  readonly broken: readonly BrokenPath[];
  /** Milliseconds without a sign of life after which a member counts as silent. */
  readonly silentAfter: number;
  readonly range: TimeRange;
  /** Sites of which each path has a lane of its own. */
  readonly open: ReadonlySet<string>;
}

/** Lanes, and how much there is. */
export interface OutageLanes {
  /** What goes on stands above what is over, the latest first. */
  readonly lanes: readonly Lane[];
  /** How many sites are left out for which there was no room. */
  readonly left: number;
  /** What goes on now. */
  readonly now: { readonly own: number; readonly path: number; readonly silent: number };
}

/** Sites that have a lane. */
const MOST_SITES = 60;
/** Lanes of one site when it is open. */
const MOST_PARTS = 40;
/** Lines of details. */
const MOST_DETAILS = 12;

/** What was wrong in a range of time: a lane for each site, with its own outages and the broken paths that lead to it. */
export function outageLanes({ outages, broken, silentAfter, range, open }: OutageFacts): OutageLanes {
  const parts = causedParts(broken, outages, silentAfter, range.until);
  const own = groupBy(
    outages.filter((each) => isIn(each, range)),
    ({ location }) => location,
  );
  const paths = groupBy(
    parts.filter((part) => isShown(part) && isIn(part, range)),
    ({ path }) => path.target_location,
  );
  const victims = groupBy(
    parts.filter(({ cause }) => cause === 'target-offline'),
    ({ path }) => path.target,
  );
  const sites = [...new Set([...own.keys(), ...paths.keys()])];
  const lanes = sites.map((site): SiteLanes => {
    const [mine, leading] = [own.get(site) ?? [], paths.get(site) ?? []];
    const spans = [...ownSpans(mine, victims, range), ...pathSpans(leading, site, range)];
    return { site, spans, leading };
  });
  const sorted = lanes.sort((a, b) => latest(b) - latest(a) || (a.site < b.site ? -1 : 1));
  return {
    lanes: sorted.slice(0, MOST_SITES).flatMap((lane) => lanesOf(lane, open.has(lane.site), range)),
    left: Math.max(0, sorted.length - MOST_SITES),
    now: goingOn(outages, parts),
  };
}

interface SiteLanes {
  readonly site: string;
  readonly spans: readonly Span[];
  readonly leading: readonly CausedPart[];
}

function lanesOf({ site, spans, leading }: SiteLanes, isOpen: boolean, range: TimeRange): readonly Lane[] {
  const sources = [...groupBy(leading, ({ path }) => path.source_location)].sort(([a], [b]) => (a < b ? -1 : 1));
  const lane = { id: site, label: site, spans, isOpen: sources.length > 0 ? isOpen : undefined, isPart: false };
  if (!isOpen) return [lane];
  const parts = sources.slice(0, MOST_PARTS).map(([source, each]) => ({
    id: JSON.stringify([source, site]),
    label: `from ${source}`,
    spans: pathSpans(each, `${source} ${site}`, range),
    isOpen: undefined,
    isPart: true,
  }));
  return [lane, ...parts];
}

/** A part that begins later, or goes on, comes first. */
function latest({ spans }: SiteLanes): number {
  return Math.max(...spans.map(({ from, until }) => (until === undefined ? Number.MAX_SAFE_INTEGER : from)));
}

function ownSpans(
  outages: readonly MemberOutage[],
  victims: ReadonlyMap<string, readonly CausedPart[]>,
  range: TimeRange,
): readonly Span[] {
  return outages.map(({ id, location, from, until, reason }): Span => {
    const seen = (victims.get(id) ?? []).filter(
      (part) => part.from < (until ?? range.until) && (part.until ?? range.until) > from,
    );
    const others = new Set(seen.map(({ path }) => path.source)).size;
    return {
      id: `own ${id} ${from}`,
      from,
      until,
      look: 'solid',
      title: `${location} was offline itself`,
      details: [
        `Member ${id}, reason: ${reason}.`,
        ...(others > 0
          ? [`${count(others, 'member')} found it unreachable meanwhile: no path is blamed for that.`]
          : []),
      ],
    };
  });
}

/** Parts that overlap and have the same cause are one span: of a site that fell silent there is one for each who checked it. */
function pathSpans(parts: readonly CausedPart[], name: string, range: TimeRange): readonly Span[] {
  return [...groupBy(parts, ({ cause }) => cause)].flatMap(([cause, all]) =>
    overlapping(all).map((group): Span => {
      const sources = new Set(group.map(({ path }) => path.source_location));
      const site = group[0]?.path.target_location ?? '';
      const from = Math.min(...group.map((part) => part.from));
      const isOpen = group.some(({ until }) => until === undefined);
      return {
        id: `${cause} ${name} ${from}`,
        from,
        until: isOpen ? undefined : Math.max(...group.map(({ until = 0 }) => until)),
        look: LOOKS[cause],
        title: titleOf(cause, [...sources], site),
        details: detailsOf(group, range),
      };
    }),
  );
}

const LOOKS: Readonly<Record<CausedPart['cause'], Look>> = {
  path: 'hatched',
  silent: 'dotted',
  'target-offline': 'solid',
  'source-offline': 'solid',
};

function titleOf(cause: CausedPart['cause'], sources: readonly string[], site: string): string {
  const from = sources.length === 1 ? (sources[0] ?? '') : count(sources.length, 'site');
  return cause === 'silent'
    ? `${site} was silent: neither ${from} nor the registry heard of it`
    : `Path broken from ${from} to ${site}, while both ends were there`;
}

/** One line for each pair of members. */
function detailsOf(group: readonly CausedPart[], range: TimeRange): readonly string[] {
  const pairs = [...groupBy(group, ({ path }) => `${path.source_location} → ${path.target_location}`)];
  const lines = pairs.slice(0, MOST_DETAILS).map(([pair, parts]) => {
    const types = [...new Set(parts.map(({ path }) => path.type))].sort().join(', ');
    const reasons = [...new Set(parts.flatMap(({ path }) => path.reason ?? []))].slice(0, 3).join(', ');
    const length = Math.max(...parts.map(({ from, until = range.until }) => until - from));
    const isUnknown = parts.some(({ path, until }) => path.end === 'unknown' && until === path.until);
    return `${pair}: ${types}${reasons === '' ? '' : ` (${reasons})`}, ${formatDuration(length)}${isUnknown ? '; not known how it ended' : ''}.`;
  });
  return pairs.length > MOST_DETAILS ? [...lines, `And ${count(pairs.length - MOST_DETAILS, 'more path')}.`] : lines;
}

function overlapping(parts: readonly CausedPart[]): readonly (readonly CausedPart[])[] {
  const groups: CausedPart[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const part of [...parts].sort((a, b) => a.from - b.from)) {
    const last = groups.at(-1);
    if (last !== undefined && part.from <= end) last.push(part);
    else groups.push([part]);
    end = Math.max(end, part.until ?? Number.POSITIVE_INFINITY);
  }
  return groups;
}

function goingOn(outages: readonly MemberOutage[], parts: readonly CausedPart[]): OutageLanes['now'] {
  const pairs = (cause: CausedPart['cause']): number =>
    new Set(
      parts
        .filter((part) => part.cause === cause && part.until === undefined)
        .map(({ path }) => JSON.stringify([path.source, path.target])),
    ).size;
  return {
    own: outages.filter(({ until }) => until === undefined).length,
    path: pairs('path'),
    silent: pairs('silent'),
  };
}

/** What an own outage explains is told with that. */
function isShown({ cause }: CausedPart): boolean {
  return cause === 'path' || cause === 'silent';
}

function isIn(
  { from, until }: { readonly from: number; readonly until?: number | undefined },
  range: TimeRange,
): boolean {
  return from < range.until && (until === undefined || until > range.from);
}

function groupBy<Item, Key extends string>(
  items: readonly Item[],
  keyOf: (item: Item) => Key,
): ReadonlyMap<Key, readonly Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const known = groups.get(keyOf(item));
    if (known === undefined) groups.set(keyOf(item), [item]);
    else known.push(item);
  }
  return groups;
}
