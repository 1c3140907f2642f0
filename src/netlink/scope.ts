/**
 * How far an address is valid, or how far away a destination is (enum rt_scope_t of linux/rtnetlink.h), by the names that `ip` prints.
 * Administrators may use other numbers in between for routes; those stay numbers.
 */
export type Scope = 'global' | 'site' | 'link' | 'host' | 'nowhere' | number;

export function scopeOf(value: number): Scope {
  switch (value) {
    case 0:
      return 'global';
    case 200:
      return 'site';
    case 253:
      return 'link';
    case 254:
      return 'host';
    case 255:
      return 'nowhere';
    default:
      return value;
  }
}
