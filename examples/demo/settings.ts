const MiB = 1024 * 1024;

/** What both uploads have in common. */
export const UPLOAD = {
  bucket: 'demo',
  bytes: 64 * MiB,
  /** S3's minimum: a part that is interrupted is sent again from its start, so small parts lose little. */
  partBytes: 5 * MiB,
  /** Parts on their way at the same time. */
  concurrency: 3,
  /** Both get the same budget for each call: the first attempt and three more. */
  retries: 3,
} as const;

/** Bits per second from the client to the router: slow enough that there is something to watch. */
export const LINK_RATE = 120_000_000;

/** Milliseconds. */
export const NETPAUSE = { checkInterval: 1_000, checkTimeout: 1_000, interruptAfter: 2_000 } as const;

/** What a careful user gives p-retry and the AWS SDK. Milliseconds. */
export const P_RETRY = { minTimeout: 1_000, factor: 2, connectionTimeout: 1_000, requestTimeout: 5_000 } as const;

/** No upload is waited for longer than this, in milliseconds. */
export const DEADLINE = 75_000;

/** When the network is taken away, by the part of the netpause upload that is stored by then, and for how many milliseconds. */
export const OUTAGES = {
  'carrier-lost': { afterFraction: 0.2, duration: 6_000 },
  'path-lost': { afterFraction: 0.6, duration: 16_000 },
} as const;

export type OutageKind = keyof typeof OUTAGES;
