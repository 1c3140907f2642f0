/** What members and registries accept of each other, so that nobody's list grows without end. */
export const WIRE_LIMITS = {
  /** Members of one ring. Each costs memory in every registry, and work in every member. */
  members: 10_000,
  /** Characters of an instance's id. */
  idLength: 128,
  /** Characters of a location. */
  locationLength: 128,
  /** Characters of an address. IPv6 with a zone is the longest. */
  addressLength: 64,
  /** Characters of an endpoint's path. */
  endpointLength: 256,
  /** Characters of a reason: one word for programs. */
  reasonLength: 64,
  /** Characters of a message: a sentence for people. */
  messageLength: 512,
  /** Results in one report: four kinds of checks of 1,000 members, and two endpoints of each. */
  checks: 6_000,
  /** Bytes of the checks in one report: a body may have 4 MiB, and other things stand in it too. */
  reportBytes: 3 * 2 ** 20,
  /** Bytes of the checks in the reports of all members together: a registry keeps 64 Mi characters. */
  ringBytes: 48 * 2 ** 20,
  /** Hops of one trace: the TTL has eight bits. */
  hops: 255,
  /** Outages in one report. */
  outages: 100,
  /** Objects and lists within each other in a group of values: what is written as JSON is written recursively. */
  depth: 16,
} as const;
