import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { NetworkMonitor } from '../../../../src/monitor/index.js';
import { type DnsProbeOptions, type DnsResult, probeDns } from '../../../../src/probes/dns/index.js';
import { type Emit, serveActor } from '../../../lab/index.js';

let monitor: NetworkMonitor | undefined;

/** A process that asks DNS servers, or is one that listens and never answers. */
const actor = serveActor((emit: Emit<{ asked: string }>) => ({
  probe: (target: string, options: DnsProbeOptions): Promise<DnsResult> => probeDns(target, options, { monitor }),
  /** From now on the state of this host's network is known. */
  async watch(checkHost: string, port: number): Promise<string> {
    monitor = new NetworkMonitor({ checkHosts: [checkHost], checkPorts: [port], checkInterval: 60_000 });
    await monitor.start();
    return (await monitor.check()).state;
  },
  async unwatch(): Promise<void> {
    await monitor?.stop();
    monitor = undefined;
  },
  async listenSilently(): Promise<number> {
    const socket = createSocket('udp4');
    socket.on('message', (_query, from) => emit('asked', from.address));
    socket.bind(0);
    await once(socket, 'listening');
    return socket.address().port;
  },
}));

export type DnsActor = typeof actor;
