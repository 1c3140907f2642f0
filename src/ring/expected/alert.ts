/** Something that somebody should know. Times are milliseconds since 1970, by the store's clock. */
export type Alert = LocationAlert | CriticalAlert | TotalAlert;

interface AlertBase {
  /** The same for the same trouble, so that who is told of it twice can tell. */
  readonly key: string;
  /** How bad it is. */
  readonly level: 'error' | 'warning';
  /** A sentence for people. */
  readonly message: string;
  /** When it was raised: milliseconds since 1970, by the store's clock. */
  readonly raisedAt: number;
  /** How many members have been missing for longer than their grace periods. */
  readonly missing: number;
}

/** A location lacks members. */
export interface LocationAlert extends AlertBase {
  /** One location. */
  readonly about: 'location';
  /** Which one. */
  readonly location: string;
  /** Of low criticality there is none. */
  readonly criticality: 'high' | 'medium';
}

/** Highly critical locations lack members. */
export interface CriticalAlert extends AlertBase {
  /** All highly critical locations. */
  readonly about: 'critical';
  /** How many locations. */
  readonly locations: number;
}

/** Many members are missing, wherever they belong. */
export interface TotalAlert extends AlertBase {
  /** All locations. */
  readonly about: 'total';
}

/** An alert that begins or ends: each is told once. */
export interface AlertEvent {
  /** Which of the two. */
  readonly event: 'raised' | 'resolved';
  /** When: milliseconds since 1970, by the store's clock. */
  readonly at: number;
  /** As it is now; of one that is resolved, as it was last. */
  readonly alert: Alert;
}
