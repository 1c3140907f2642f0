/** What is drawn as a point. */
export interface GraphNode {
  /** Unique among the nodes. */
  readonly id: string;
  readonly label: string;
  /** A place that people know by name, or something on the way. They have different shapes. */
  readonly kind: 'site' | 'router';
  /** Where the layout begins with it, −1 to 1. */
  readonly start: Place;
}

/** A position. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** How long it takes, from short to long. */
export type Level = 1 | 2 | 3;

/** What is drawn as a line. It has no direction: what is measured one way and the other is one line. */
export interface GraphLink {
  /** Unique among the links: by {@link linkId}. */
  readonly id: string;
  readonly source: string;
  readonly target: string;
  readonly level: Level;
  /** A few words, such as `'12 ms'`. */
  readonly label: string;
  /** Whether it is one of those that matter: it is drawn stronger, with its label. */
  readonly isNotable: boolean;
}

/** What is marked of a graph. */
export interface GraphMarks {
  /** Where a path begins and ends. */
  readonly ends: readonly string[];
  /** Ids of the nodes of the path, in its order. */
  readonly nodes: readonly string[];
  /** Ids of its links. */
  readonly links: ReadonlySet<string>;
}

export const NO_MARKS: GraphMarks = { ends: [], nodes: [], links: new Set() };

/** The id of the line between two nodes, whichever comes first. */
export function linkId(one: string, other: string): string {
  return JSON.stringify(one < other ? [one, other] : [other, one]);
}
