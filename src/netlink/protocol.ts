/** Who installed a route or a rule (RTPROT_* of linux/rtnetlink.h). Routing daemons have numbers of their own. */
export type RouteProtocol = (typeof ROUTE_PROTOCOLS)[number] | 'ra' | 'dhcp' | number;

export function protocolOf(value: number): RouteProtocol {
  if (value === 9) return 'ra';
  if (value === 16) return 'dhcp';
  return ROUTE_PROTOCOLS[value] ?? value;
}

/** In the order of the first RTPROT_* numbers. */
const ROUTE_PROTOCOLS = ['unspecified', 'redirect', 'kernel', 'boot', 'static'] as const;
