/** How a span is drawn: each kind has a pattern of its own beside its colour. */
export type Look = 'solid' | 'hatched' | 'dotted';

/** Something that lasted for a while. Times are milliseconds since 1970. */
export interface Span {
  /** Unique in the timeline. */
  readonly id: string;
  readonly from: number;
  /** Undefined while it goes on. */
  readonly until: number | undefined;
  readonly look: Look;
  /** What it is, in a few words. */
  readonly title: string;
  /** What else there is to say, a sentence each. */
  readonly details: readonly string[];
}

/** One line of a timeline. */
export interface Lane {
  readonly id: string;
  readonly label: string;
  readonly spans: readonly Span[];
  /** Whether there are lanes that belong to it, and whether they are shown; undefined where there are none. */
  readonly isOpen: boolean | undefined;
  /** Whether it belongs to the one above. */
  readonly isPart: boolean;
}

/** What is seen of time. */
export interface TimeRange {
  readonly from: number;
  readonly until: number;
}
