import type {
  CheckResult,
  Egress,
  LinkChange,
  NetworkChange,
  NetworkInterface,
  NetworkReason,
  NetworkSnapshot,
  NetworkState,
  PathReason,
} from '../../monitor/index.js';

/** When something was seen: by the wall for people, by the monotonic clock for everything that is computed. Milliseconds. */
export interface Moment {
  readonly at: number;
  readonly clock: number;
}

/** How the kernel would send to one destination. */
export type Way =
  | { readonly kind: 'open'; readonly egress: Egress }
  | { readonly kind: 'closed'; readonly reason: PathReason; readonly interface?: string }
  /** There never was one as far as is known, or the name has no address yet. */
  | { readonly kind: 'unknown' };

/** A destination with the way to it. */
export interface DestinationView {
  readonly destination: string;
  readonly state: NetworkState;
  readonly reason: NetworkReason;
  readonly way: Way;
}

/** Everything that can be read at a moment. */
export interface Sample {
  readonly snapshot: NetworkSnapshot;
  readonly interfaces: readonly NetworkInterface[];
  readonly checkHosts: readonly DestinationView[];
  readonly destinations: readonly DestinationView[];
}

/** What `watch` sees. */
export type WatchEvent = Moment &
  (
    | { readonly kind: 'state'; readonly change: NetworkChange }
    | { readonly kind: 'link'; readonly change: LinkChange }
    | { readonly kind: 'check'; readonly result: CheckResult }
    | { readonly kind: 'error'; readonly message: string }
    | { readonly kind: 'sample'; readonly sample: Sample }
  );
