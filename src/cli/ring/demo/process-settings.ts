import type { Pace } from './demo-settings.js';

/** How a member of the demo is to be started. */
export interface MemberPlace {
  readonly site: string;
  readonly registryUrl: string;
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  /** Whom it asks whether it is online; never those of the internet. Not needed where the registry is on loopback. */
  readonly checkHost?: string;
}

/** The environment of a member. */
export function memberEnv(place: MemberPlace, pace: Pace): Readonly<Record<string, string>> {
  const { site, registryUrl, host, port, token, checkHost } = place;
  return {
    NETRING_LOCATION: site,
    NETRING_INSTANCE_ID: site,
    NETRING_REGISTRY_URL: registryUrl,
    NETRING_SERVER_HOST: host,
    NETRING_SERVER_PORT: `${port}`,
    ...(token !== undefined && { NETRING_TOKEN: token }),
    ...(checkHost !== undefined && { NETRING_CHECK_HOSTS: checkHost }),
    NETRING_CHECK_INTERVAL: seconds(pace.check),
    NETRING_REPORT_INTERVAL: seconds(pace.check),
    NETRING_POLL_INTERVAL: seconds(pace.heartbeat),
    NETRING_HEARTBEAT_INTERVAL: seconds(pace.heartbeat),
    NETRING_TCP_TIMEOUT: seconds(pace.tcpTimeout),
    NETRING_HTTP_TIMEOUT: seconds(pace.httpTimeout),
    NETRING_HTTP_ENDPOINTS: '/health',
    NETRING_TRACEROUTE_INTERVAL: '30',
    NETRING_BANDWIDTH_TEST_INTERVAL: '60',
    LOG_LEVEL: 'error',
  };
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds) / 1_000}`;
}

/** The registry, but for its flags. */
export const REGISTRY_PROCESS = { name: 'the registry', words: ['ring', 'registry'] } as const;
