import { isLinkUp, type LinkChange, type LinkFacts } from './kernel-view.js';

/** A link came, or is different from what was known of it. */
export function linkSeen(before: LinkFacts | undefined, now: LinkFacts): LinkChange {
  return { ...describe(now), change: before === undefined ? 'added' : 'changed', flapped: hasFlapped(before, now) };
}

/** A link is not there any more. */
export function linkGone(before: LinkFacts): LinkChange {
  return { ...describe(before), change: 'removed', up: false, carrier: false, operState: 'notpresent', flapped: false };
}

/** What two readings of all links differ in, removals first. */
export function compareLinks(
  before: ReadonlyMap<number, LinkFacts>,
  now: ReadonlyMap<number, LinkFacts>,
): readonly LinkChange[] {
  const gone = [...before.values()].filter(({ index }) => !now.has(index));
  const seen = [...now.values()].filter((link) => !isSame(before.get(link.index), link));
  return [...gone.map(linkGone), ...seen.map((link) => linkSeen(before.get(link.index), link))];
}

function describe(link: LinkFacts) {
  const { name, index, carrier, operState } = link;
  return { interface: name, index, up: isLinkUp(link), carrier, operState };
}

/** Carrier then and carrier now, and yet one loss more. */
function hasFlapped(before: LinkFacts | undefined, now: LinkFacts): boolean {
  if (before?.carrierDownCount === undefined || now.carrierDownCount === undefined) return false;
  return before.carrier && now.carrier && now.carrierDownCount !== before.carrierDownCount;
}

function isSame(before: LinkFacts | undefined, now: LinkFacts): boolean {
  return (
    before !== undefined &&
    before.name === now.name &&
    before.adminUp === now.adminUp &&
    before.carrier === now.carrier &&
    before.operState === now.operState &&
    before.carrierDownCount === now.carrierDownCount &&
    before.master === now.master
  );
}
