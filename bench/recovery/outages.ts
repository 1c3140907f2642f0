/** The faults after which the network comes back, of those of the LAN: every attempt fails at once in the one, and hangs in the other. */
export const OUTAGES: readonly string[] = ['link set down', 'carrier lost'];
