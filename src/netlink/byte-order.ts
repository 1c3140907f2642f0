import { endianness } from 'node:os';

/** Netlink speaks the byte order of the host (man 7 netlink); only addresses and ports inside it are in network order. */
export const LITTLE_ENDIAN = endianness() === 'LE';
