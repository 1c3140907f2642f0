import type { Cable, Port } from './cable.js';
import { type InterfaceConfig, putBack, readConfig } from './interface-config.js';

/** Joins two hosts by a veth pair, each end made in its own host, so that no name is ever seen in a namespace that others share. */
export async function connectByVeth(near: Port, far: Port): Promise<Cable> {
  const peer = ['peer', 'name', far.interface, 'netns', `${far.host.namespace.pid}`];
  await near.host.configure(['link', 'add', 'dev', near.interface, 'type', 'veth', ...peer]);
  await Promise.all([near, far].map((end) => end.host.configure(['link', 'set', 'dev', end.interface, 'up'])));
  return new VethCable(near, far);
}

/** A veth interface has carrier while its peer is up: so a cable is pulled by setting the peer down. */
class VethCable implements Cable {
  readonly ends: readonly [Port, Port];
  /** What the peer had. Setting it down costs its routes, and its IPv6 addresses. */
  readonly #lost = new Map<Port, InterfaceConfig>();

  constructor(near: Port, far: Port) {
    this.ends = [near, far];
  }

  async pull(end: Port): Promise<bigint> {
    const peer = this.#peerOf(end);
    this.#lost.set(peer, await readConfig(peer.host, peer.interface));
    return peer.host.configure(['link', 'set', 'dev', peer.interface, 'down']);
  }

  async plugIn(end: Port): Promise<bigint> {
    const peer = this.#peerOf(end);
    const lost = this.#lost.get(peer) ?? { addresses: [], routes: [] };
    const at = await peer.host.configure(
      ['link', 'set', 'dev', peer.interface, 'up'],
      ...putBack(peer.interface, lost),
    );
    this.#lost.delete(peer);
    return at;
  }

  #peerOf(end: Port): Port {
    const [near, far] = this.ends;
    return end === near ? far : near;
  }
}
