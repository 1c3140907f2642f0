/** The names of IFF_* flags, in the order and spelling of `ip link`. */
export function interfaceFlags(flags: number): readonly string[] {
  return FLAGS.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);
}

// include/uapi/linux/if.h
const FLAGS = [
  ['LOOPBACK', 0x8],
  ['BROADCAST', 0x2],
  ['POINTOPOINT', 0x10],
  ['MULTICAST', 0x1000],
  ['NOARP', 0x80],
  ['ALLMULTI', 0x200],
  ['PROMISC', 0x100],
  ['MASTER', 0x400],
  ['SLAVE', 0x800],
  ['DYNAMIC', 0x8000],
  ['UP', 0x1],
  ['RUNNING', 0x40],
  ['LOWER_UP', 0x1_0000],
  ['DORMANT', 0x2_0000],
  ['ECHO', 0x4_0000],
] as const;
