import { NetworkMonitor, type NetworkMonitorOptions } from '../../../../src/monitor/index.js';
import type { HttpProbeOptions } from '../../../../src/probes/http/http-options.js';
import { probeHttp } from '../../../../src/probes/http/probe-http.js';
import { probeTcp } from '../../../../src/probes/tcp/probe-tcp.js';
import type { TcpProbeOptions } from '../../../../src/probes/tcp/tcp-options.js';
import type { NetworkState } from '../../../../src/state/index.js';
import { type Emit, serveActor } from '../../../lab/index.js';

interface ProbeActorEvents {
  state: NetworkState;
}

let monitor: NetworkMonitor | undefined;

/** Probes from a host, with a monitor of that host or without. Every name is resolved to the addresses that come with it. */
const actor = serveActor((emit: Emit<ProbeActorEvents>) => ({
  async start(options: NetworkMonitorOptions): Promise<NetworkState> {
    monitor = new NetworkMonitor(options);
    monitor.on('state', ({ to }) => emit('state', to));
    await monitor.start();
    return monitor.state;
  },
  tcp: (target: string, options: TcpProbeOptions = {}, addresses: readonly string[] = []) =>
    probeTcp(target, options, { monitor, resolve: async () => ({ addresses }) }),
  http: (target: string, options: HttpProbeOptions = {}, addresses: readonly string[] = []) =>
    probeHttp(target, options, { monitor, resolve: async () => ({ addresses }) }),
}));

export type ProbeActor = typeof actor;
